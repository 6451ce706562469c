package dev.quorate.kv.rpc;

import dev.quorate.kv.auth.AuthStore;
import dev.quorate.kv.auth.Passwords;
import dev.quorate.kv.backup.Backups;
import dev.quorate.kv.command.RequestChecks;
import dev.quorate.kv.lease.Lessor;
import dev.quorate.kv.metrics.Metrics;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.watch.WatchHub;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where clients connect: one port for gRPC on Netty, with handlers on the event loop, and for HTTP/1.1 (ADR 17). */
public final class ClientEndpoint implements AutoCloseable {

    /** What a message may have beyond the largest command, as etcd allows. */
    private static final int MESSAGE_OVERHEAD_BYTES = 512 << 10;

    /** How often a client may ask whether the connection lives; more often is "too many pings". */
    private static final int KEEP_ALIVE_SECONDS = 5;

    /** A client may send this much on a connection before it hears that more is welcome. */
    private static final int FLOW_CONTROL_BYTES = 4 << 20;

    /** Two carry more than the rest of the server can produce. */
    private static final int MAX_IO_THREADS = 2;

    /** A connection that has not said by then what it speaks is closed. */
    private static final int HANDSHAKE_SECONDS = 20;

    /** More headers than this in a request are refused, in how many frames they ever come. */
    private static final int HEADER_BYTES = 8 << 10;

    /** More calls wait on the client's side. The busiest clients that were measured have some hundreds. */
    private static final int CALLS_PER_CONNECTION = 10_000;

    /** Calls that a client may cancel in a window; the connection ends at more (CVE-2023-44487). */
    private static final int RESETS_PER_WINDOW = 2_000;

    private static final int RESET_WINDOW_SECONDS = 10;

    private static final long CLOSE_SECONDS = 5;

    private final Server server;
    private final HttpSide http;
    private final EventLoopGroup acceptor;
    private final EventLoopGroup workers;
    private final ReadBatcher reads;
    private final PasswordLane hashing;

    private ClientEndpoint(
            Server server,
            HttpSide http,
            EventLoopGroup acceptor,
            EventLoopGroup workers,
            ReadBatcher reads,
            PasswordLane hashing) {
        this.hashing = hashing;
        this.server = server;
        this.http = http;
        this.acceptor = acceptor;
        this.workers = workers;
        this.reads = reads;
    }

    /**
     * Begins to serve clients.
     *
     * @param address where to listen; port 0 lets the operating system choose
     * @param tls null for a port without
     * @param cluster how members are listed and added
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
            SpaceGuard space,
            Backups backups,
            Metrics metrics,
            @Nullable ClientTls tls,
            ClusterService.Options cluster)
            throws IOException {
        ReadBatcher reads = new ReadBatcher(replicator);
        Headers headers = new Headers(identity, replicator);
        LearnerGuard learners = new LearnerGuard(replicator::isLearner); // asked before permissions are
        ApiVersionGuard versions = new ApiVersionGuard();
        Access access = new Access(auth, tls != null && tls.isUserByCertificate());
        PasswordLane hashing = new PasswordLane(new Passwords(Passwords.DEFAULT_COST));
        boolean isEpoll = Epoll.isAvailable();
        IoHandlerFactory io = isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        Class<? extends ServerChannel> channels =
                isEpoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        int threads = Math.min(MAX_IO_THREADS, Runtime.getRuntime().availableProcessors());
        EventLoopGroup acceptor = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("kv-accept", true), io);
        EventLoopGroup workers =
                new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("kv-client-io", true), io);
        KeyQueue queue = new KeyQueue(replicator, store, access, reads, hub, identity.memberId());
        List<ServerServiceDefinition> services = Stream.concat(
                        Stream.of(
                                new KvService(replicator, store, access, reads, headers, space, identity.memberId())
                                        .definition(),
                                new WatchService(hub, replicator, store, access, headers, watches).definition(),
                                new LeaseService(
                                                replicator,
                                                store,
                                                access,
                                                reads,
                                                headers,
                                                lessor,
                                                space,
                                                identity.memberId())
                                        .definition(),
                                new AuthService(
                                                replicator,
                                                store,
                                                auth,
                                                access,
                                                hashing,
                                                reads,
                                                headers,
                                                identity.memberId())
                                        .definition(),
                                new LockService(replicator, queue, headers).definition(),
                                new ElectionService(replicator, queue, store, access, reads, headers, hub).definition(),
                                new ClusterService(replicator, store, reads, headers, identity, cluster).definition(),
                                new MaintenanceService(
                                                replicator, store, access, reads, headers, identity, space, backups)
                                        .definition()),
                        StandardServices.definitions().stream())
                .map(service -> ServerInterceptors.intercept(service, access, learners, versions))
                .toList();
        ServerMetrics.add(metrics, replicator, store, space, hub, identity);
        metrics.calls().count(services);
        HttpSide http = HttpSide.start(services, new MemberHealth(replicator, reads, store, space), metrics);
        Server server = NettyServerBuilder.forAddress(address)
                .channelType(channels)
                .bossEventLoopGroup(acceptor)
                .workerEventLoopGroup(workers)
                .directExecutor()
                .maxInboundMessageSize(RequestChecks.MAX_REQUEST_BYTES + MESSAGE_OVERHEAD_BYTES)
                .permitKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .initialFlowControlWindow(FLOW_CONTROL_BYTES)
                .maxInboundMetadataSize(HEADER_BYTES)
                .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION)
                .maxRstFramesPerWindow(RESETS_PER_WINDOW, RESET_WINDOW_SECONDS)
                .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
                .addStreamTracerFactory(metrics.calls())
                .protocolNegotiator(http.negotiator(tls == null ? null : tls.files()))
                .addServices(services)
                .build();
        ClientEndpoint endpoint = new ClientEndpoint(server, http, acceptor, workers, reads, hashing);
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
        http.close();
        reads.close();
        hashing.close();
        for (EventLoopGroup group : List.of(acceptor, workers)) {
            group.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
                    .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        }
    }
}
