package dev.quorate.raft.transport.netty;

import dev.quorate.raft.transport.netty.tls.ReloadingTls;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Puts TLS at the beginning of a new connection's pipeline, where the options want it. */
final class PeerTls {

    /** A peer that does not read must not keep this member from closing. */
    private static final long FAREWELL_MILLIS = 500;

    private final @Nullable ReloadingTls files;
    private final long handshakeMillis;

    private PeerTls(@Nullable ReloadingTls files, long handshakeMillis) {
        this.files = files;
        this.handshakeMillis = handshakeMillis;
    }

    /** @throws IOException in one line, if a file of TLS cannot be used */
    static PeerTls load(NettyTransportOptions options) throws IOException {
        TlsOptions tls = options.tls();
        return new PeerTls(
                tls == null ? null : ReloadingTls.load(tls),
                options.handshakeTimeout().toMillis());
    }

    void accept(Channel channel) {
        if (files != null) {
            add(channel, files.server().newHandler(channel.alloc()));
        }
    }

    /** @param peer as it was dialled: what its certificate must name */
    void dial(Channel channel, InetSocketAddress peer) {
        if (files != null) {
            add(channel, files.client().newHandler(channel.alloc(), peer.getHostString(), peer.getPort()));
        }
    }

    private void add(Channel channel, SslHandler handler) {
        handler.setHandshakeTimeoutMillis(handshakeMillis);
        handler.setCloseNotifyFlushTimeoutMillis(FAREWELL_MILLIS);
        channel.pipeline().addFirst(handler);
    }
}
