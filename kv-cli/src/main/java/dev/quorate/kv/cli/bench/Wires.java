package dev.quorate.kv.cli.bench;

import dev.quorate.kv.cli.client.ChannelSecurity;
import dev.quorate.kv.cli.client.Endpoint;
import dev.quorate.kv.cli.client.Servers;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** The threads and connections of a load. */
final class Wires implements AutoCloseable {

    private static final Duration LOG_IN_TIMEOUT = Duration.ofSeconds(5);

    private static final long CLOSE_TIMEOUT_MILLIS = 1_000;

    private final MultiThreadIoEventLoopGroup loops;
    private final ChannelSecurity security;
    private final ClientInterceptor loggedIn;
    private final ConcurrentLinkedQueue<ManagedChannel> open = new ConcurrentLinkedQueue<>();

    /** @param servers who asks is said once, now */
    Wires(int threads, Servers servers) {
        this.security = new ChannelSecurity(servers.tls());
        this.loggedIn = servers.logIn(LOG_IN_TIMEOUT);
        this.loops = new MultiThreadIoEventLoopGroup(threads, NioIoHandler.newFactory());
    }

    List<ManagedChannel> connect(Endpoint endpoint, int connections) {
        List<ManagedChannel> channels = new ArrayList<>(connections);
        for (int i = 0; i < connections; i++) {
            NettyChannelBuilder builder = NettyChannelBuilder.forAddress(
                            new InetSocketAddress(endpoint.host(), endpoint.port()))
                    .eventLoopGroup(loops)
                    .channelType(NioSocketChannel.class)
                    .directExecutor()
                    .intercept(loggedIn)
                    .disableRetry();
            ManagedChannel channel = security.apply(endpoint, builder).build();
            channels.add(channel);
            open.add(channel);
        }
        return channels;
    }

    void later(Runnable task, long millis) {
        var unused = loops.schedule(task, millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        open.forEach(ManagedChannel::shutdownNow);
        loops.shutdownGracefully(0, CLOSE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_TIMEOUT_MILLIS);
    }
}
