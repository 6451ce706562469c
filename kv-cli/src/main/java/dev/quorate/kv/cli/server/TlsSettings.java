package dev.quorate.kv.cli.server;

import dev.quorate.kv.cli.CliException;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads which files TLS is made of, under etcd's names. */
final class TlsSettings {

    private TlsSettings() {}

    /**
     * For the client port; null for none.
     *
     * @throws CliException (usage) that names the flags
     */
    static @Nullable TlsOptions clients(Map<ServerFlag, String> values) {
        return of(
                values,
                ServerFlag.CERT_FILE,
                ServerFlag.KEY_FILE,
                ServerFlag.TRUSTED_CA_FILE,
                ServerFlag.CLIENT_CERT_AUTH);
    }

    /** For the peer port and for dialling peers; otherwise as {@link #clients}. */
    static @Nullable TlsOptions peers(Map<ServerFlag, String> values) {
        return of(
                values,
                ServerFlag.PEER_CERT_FILE,
                ServerFlag.PEER_KEY_FILE,
                ServerFlag.PEER_TRUSTED_CA_FILE,
                ServerFlag.PEER_CLIENT_CERT_AUTH);
    }

    private static @Nullable TlsOptions of(
            Map<ServerFlag, String> values, ServerFlag cert, ServerFlag key, ServerFlag roots, ServerFlag auth) {
        boolean isAsked = isOn(values, auth);
        if (!values.containsKey(cert) && !values.containsKey(key)) {
            if (isAsked || values.containsKey(roots)) {
                throw CliException.usage("--" + roots.key() + " and --" + auth.key() + " are for TLS: name --"
                        + cert.key() + " and --" + key.key() + " too");
            }
            return null;
        }
        try {
            return new TlsOptions(file(values, cert), file(values, key), file(values, roots), isAsked);
        } catch (IllegalArgumentException e) {
            throw CliException.usage("--" + cert.key() + ", --" + key.key() + ", --" + roots.key() + ", --" + auth.key()
                    + ": " + e.getMessage());
        }
    }

    private static @Nullable Path file(Map<ServerFlag, String> values, ServerFlag flag) {
        String value = values.get(flag);
        return value == null ? null : Path.of(value).toAbsolutePath().normalize();
    }

    private static boolean isOn(Map<ServerFlag, String> values, ServerFlag flag) {
        String value = values.getOrDefault(flag, "false");
        if (!value.equals("true") && !value.equals("false")) {
            throw CliException.usage("--" + flag.key() + " " + value + ": it is true or false");
        }
        return value.equals("true");
    }
}
