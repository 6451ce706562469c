package dev.quorate.kv.cli.client;

import dev.quorate.raft.transport.netty.tls.TlsOptions;
import io.grpc.ClientInterceptor;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The servers of one cluster, and who asks them.
 *
 * @param endpoints at least one; asked in this order
 * @param tls for endpoints with TLS; null to trust whom Java trusts, and to show no certificate
 * @param credentials null to ask as nobody, which is enough where no permissions are in force
 */
public record Servers(
        List<Endpoint> endpoints,
        @Nullable TlsOptions tls,
        @Nullable Credentials credentials) {

    public Servers {
        endpoints = List.copyOf(endpoints);
    }

    /** @param timeout for a whole call, all attempts together */
    public KvClient connect(Duration timeout) {
        return new KvClient(endpoints, timeout, credentials, tls);
    }

    /**
     * Says with each call of a channel who asks; logs in once, now, if that is anybody. The token lives as long as the servers let it:
     * simple ones five minutes longer at each use.
     *
     * @throws CallFailedException if nobody can be reached, or the password is wrong
     */
    public ClientInterceptor logIn(Duration timeout) {
        try (KvClient client = connect(timeout)) {
            return client.loggedIn();
        }
    }
}
