package dev.quorate.kv.cli.bench;

import dev.quorate.kv.cli.client.ChannelSecurity;
import dev.quorate.kv.cli.client.Endpoint;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The threads and connections of a load. */
final class Wires implements AutoCloseable {

    private static final long CLOSE_TIMEOUT_MILLIS = 1_000;

    private final MultiThreadIoEventLoopGroup loops;
    private final ChannelSecurity security;
    private final ConcurrentLinkedQueue<ManagedChannel> open = new ConcurrentLinkedQueue<>();

    /** @param tls for endpoints with TLS; null as for {@link ChannelSecurity} */
    Wires(int threads, @Nullable TlsOptions tls) {
        this.security = new ChannelSecurity(tls);
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
