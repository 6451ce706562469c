package dev.quorate.kv.cli;

import dev.quorate.kv.cli.client.Endpoint;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whom a client trusts, and what it shows. Flags win over the environment. */
final class TlsFlags {

    private static final String CACERT = "KV_CACERT";
    private static final String CERT = "KV_CERT";
    private static final String KEY = "KV_KEY";

    @Option(
            names = "--cacert",
            paramLabel = "FILE",
            description = "The roots that servers' certificates must lead to (PEM), for endpoints with TLS. Default: $"
                    + CACERT + ", else Java's own.")
    private @Nullable Path cacert;

    @Option(
            names = "--cert",
            paramLabel = "FILE",
            description = "The certificate to show to servers that ask for one (PEM). Default: $" + CERT + ".")
    private @Nullable Path cert;

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "The certificate's private key (PEM, PKCS #8). Default: $" + KEY + ".")
    private @Nullable Path key;

    /** Null if nothing is said. */
    @Nullable
    TlsOptions options() {
        Path roots = file(cacert, CACERT);
        Path shown = file(cert, CERT);
        Path secret = file(key, KEY);
        if (roots == null && shown == null && secret == null) {
            return null;
        }
        try {
            return new TlsOptions(shown, secret, roots, false);
        } catch (IllegalArgumentException e) {
            throw CliException.usage(e.getMessage() + " (--cert and --key)");
        }
    }

    boolean isSet() {
        return options() != null;
    }

    /** Whoever names certificates on the command line must not be served without them, by an oversight. */
    void requireUse(List<Endpoint> asked) {
        if ((cacert != null || cert != null) && asked.stream().noneMatch(Endpoint::tls)) {
            throw CliException.usage("--cacert and --cert are for TLS, and no endpoint has it: write https://"
                    + asked.get(0).hostPort());
        }
    }

    private static @Nullable Path file(@Nullable Path flag, String variable) {
        String environment = System.getenv(variable);
        return flag != null || environment == null || environment.isBlank() ? flag : Path.of(environment);
    }
}
