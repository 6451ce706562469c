package dev.quorate.kv.cli.client;

import dev.quorate.raft.transport.netty.tls.TlsOptions;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One connection to each server that was asked, all on one thread. */
final class Connections implements AutoCloseable {

    /** A connect that takes longer than this is to a host that drops packets. */
    private static final int CONNECT_TIMEOUT_MILLIS = 2_000;

    /** Answers of a whole prefix: as large as a server sends. */
    private static final int MAX_ANSWER_BYTES = 1 << 30;

    private static final long CLOSE_TIMEOUT_MILLIS = 1_000;

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Map<String, ManagedChannel> channels = new HashMap<>();
    private final ChannelSecurity security;

    ManagedChannel to(Endpoint endpoint) {
        ManagedChannel channel = channels.computeIfAbsent(endpoint.toString(), name -> open(endpoint));
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            // Whoever asks again wants a new attempt now, not the end of a backoff.
            channel.resetConnectBackoff();
        }
        return channel;
    }

    /** @param tls null if nothing is said about it: an endpoint with TLS is then trusted if Java trusts it */
    Connections(@Nullable TlsOptions tls) {
        this.security = new ChannelSecurity(tls);
    }

    private ManagedChannel open(Endpoint endpoint) {
        NettyChannelBuilder channel = NettyChannelBuilder.forAddress(
                        new InetSocketAddress(endpoint.host(), endpoint.port()))
                .eventLoopGroup(loop)
                .channelType(NioSocketChannel.class)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .maxInboundMessageSize(MAX_ANSWER_BYTES)
                .directExecutor()
                .disableRetry();
        return security.apply(endpoint, channel).build();
    }

    /**
     * Ends the connections and their thread. A JVM that exits while a thread waits in epoll stands still for 300 ms first, so
     * this is what makes a command feel quick.
     */
    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
        loop.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).awaitUninterruptibly(CLOSE_TIMEOUT_MILLIS);
    }
}
