package dev.quorate.kv.rpc;

import dev.quorate.kv.auth.AuthStore;
import dev.quorate.kv.auth.Passwords;
import dev.quorate.kv.command.RequestChecks;
import dev.quorate.kv.lease.Lessor;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.watch.WatchHub;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Where clients connect: gRPC on Netty, handlers on the event loop. */
public final class ClientEndpoint implements AutoCloseable {

    /** What a message may have beyond the largest command, as etcd allows. */
    private static final int MESSAGE_OVERHEAD_BYTES = 512 << 10;

    /** How often a client may ask whether the connection lives; more often is "too many pings". */
    private static final int KEEP_ALIVE_SECONDS = 5;

    /** A client may send this much on a connection before it hears that more is welcome. */
    private static final int FLOW_CONTROL_BYTES = 4 << 20;

    /** Two carry more than the rest of the server can produce. */
    private static final int MAX_IO_THREADS = 2;

    private static final long CLOSE_SECONDS = 5;

    private final Server server;
    private final EventLoopGroup acceptor;
    private final EventLoopGroup workers;
    private final ReadBatcher reads;
    private final PasswordLane hashing;

    private ClientEndpoint(
            Server server, EventLoopGroup acceptor, EventLoopGroup workers, ReadBatcher reads, PasswordLane hashing) {
        this.hashing = hashing;
        this.server = server;
        this.acceptor = acceptor;
        this.workers = workers;
        this.reads = reads;
    }

    /**
     * Begins to serve clients.
     *
     * @param address where to listen; port 0 lets the operating system choose
     * @throws IOException if the address cannot be had
     */
    public static ClientEndpoint start(
            InetSocketAddress address,
            Identity identity,
            Replicator replicator,
            MvccStore store,
            AuthStore auth,
            Lessor lessor,
            WatchService.Options watches,
            WatchHub hub,
            SpaceGuard space)
            throws IOException {
        ReadBatcher reads = new ReadBatcher(replicator);
        Headers headers = new Headers(identity, replicator);
        Access access = new Access(auth);
        PasswordLane hashing = new PasswordLane(new Passwords(Passwords.DEFAULT_COST));
        boolean isEpoll = Epoll.isAvailable();
        IoHandlerFactory io = isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        Class<? extends ServerChannel> channels =
                isEpoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        int threads = Math.min(MAX_IO_THREADS, Runtime.getRuntime().availableProcessors());
        EventLoopGroup acceptor = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("kv-accept", true), io);
        EventLoopGroup workers =
                new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("kv-client-io", true), io);
        Server server = NettyServerBuilder.forAddress(address)
                .channelType(channels)
                .bossEventLoopGroup(acceptor)
                .workerEventLoopGroup(workers)
                .directExecutor()
                .maxInboundMessageSize(RequestChecks.MAX_REQUEST_BYTES + MESSAGE_OVERHEAD_BYTES)
                .permitKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .initialFlowControlWindow(FLOW_CONTROL_BYTES)
                .intercept(access)
                .addService(
                        new AuthService(replicator, store, auth, access, hashing, reads, headers, identity.memberId())
                                .definition())
                .addService(new KvService(replicator, store, access, reads, headers, space, identity.memberId())
                        .definition())
                .addService(
                        new LeaseService(replicator, store, access, reads, headers, lessor, space, identity.memberId())
                                .definition())
                .addService(new WatchService(hub, replicator, store, access, headers, watches).definition())
                .addService(new ClusterService(replicator, store, reads, headers, identity).definition())
                .addService(
                        new MaintenanceService(replicator, store, access, reads, headers, identity, space).definition())
                .build();
        ClientEndpoint endpoint = new ClientEndpoint(server, acceptor, workers, reads, hashing);
        try {
            server.start();
        } catch (IOException e) {
            endpoint.close();
            throw e;
        }
        return endpoint;
    }

    /** The port that clients connect to. */
    public int port() {
        return server.getPort();
    }

    /** Ends all calls, and waits until no read runs. */
    @Override
    public void close() {
        server.shutdownNow();
        reads.close();
        hashing.close();
        for (EventLoopGroup group : List.of(acceptor, workers)) {
            group.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
                    .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        }
    }
}
