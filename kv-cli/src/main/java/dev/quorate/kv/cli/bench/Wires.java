package dev.quorate.kv.cli.bench;

import dev.quorate.kv.cli.client.Endpoint;
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

/** The threads and connections of a load. */
final class Wires implements AutoCloseable {

    private static final long CLOSE_TIMEOUT_MILLIS = 1_000;

    private final MultiThreadIoEventLoopGroup loops;
    private final ConcurrentLinkedQueue<ManagedChannel> open = new ConcurrentLinkedQueue<>();

    Wires(int threads) {
        this.loops = new MultiThreadIoEventLoopGroup(threads, NioIoHandler.newFactory());
    }

    List<ManagedChannel> connect(Endpoint endpoint, int connections) {
        List<ManagedChannel> channels = new ArrayList<>(connections);
        for (int i = 0; i < connections; i++) {
            ManagedChannel channel = NettyChannelBuilder.forAddress(
                            new InetSocketAddress(endpoint.host(), endpoint.port()))
                    .eventLoopGroup(loops)
                    .channelType(NioSocketChannel.class)
                    .usePlaintext()
                    .directExecutor()
                    .disableRetry()
                    .build();
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
