package dev.quorate.kv.cli.client;

import dev.quorate.kv.cli.CliException;
import dev.quorate.raft.transport.netty.tls.ReloadingTls;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Connections with TLS and without, as their endpoints want it. For one thread. */
public final class ChannelSecurity {

    private static final TlsOptions JAVAS_OWN = new TlsOptions(null, null, null, false);

    private final TlsOptions options;
    private @Nullable SslContext context;

    /** @param options for endpoints with TLS; null to trust whom Java trusts, and to show no certificate */
    public ChannelSecurity(@Nullable TlsOptions options) {
        this.options = options == null ? JAVAS_OWN : options;
    }

    /** @throws CliException (usage) if the files of TLS cannot be used, and the endpoint needs them */
    public NettyChannelBuilder apply(Endpoint endpoint, NettyChannelBuilder channel) {
        return endpoint.tls() ? channel.sslContext(context()) : channel.usePlaintext();
    }

    private SslContext context() {
        SslContext known = context;
        if (known == null) {
            try {
                known = ReloadingTls.load(options, "h2").client();
            } catch (IOException e) {
                throw CliException.usage("TLS cannot be set up: " + e.getMessage());
            }
            context = known;
        }
        return known;
    }
}
