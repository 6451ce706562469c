package dev.quorate.raft.transport.netty.tls;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which files TLS is made of, all of them PEM.
 *
 * @param certFile this side's certificate, and what leads from it to a root; null for somebody who only dials, and shows none
 * @param keyFile its private key, without a password; null exactly where the certificate is
 * @param trustedCaFile the roots that the other side's certificate must lead to; null for those that Java brings along. Who
 *     listens, and has it, lets nobody in without a certificate
 * @param clientCertAuth who listens lets nobody in without a certificate; needs the roots
 */
public record TlsOptions(
        @Nullable Path certFile,
        @Nullable Path keyFile,
        @Nullable Path trustedCaFile,
        boolean clientCertAuth) {

    /** @throws IllegalArgumentException if one of a pair is missing */
    public TlsOptions {
        if ((certFile == null) != (keyFile == null)) {
            throw new IllegalArgumentException(
                    certFile == null
                            ? "the key file " + keyFile + " has no certificate file beside it; name both"
                            : "the certificate file " + certFile + " has no key file beside it; name both");
        }
        if (clientCertAuth && trustedCaFile == null) {
            throw new IllegalArgumentException(
                    "certificates of others are asked for, and nothing says which are good: name a trusted CA file");
        }
    }

    /** For who listens. */
    public static TlsOptions serving(Path certFile, Path keyFile) {
        return new TlsOptions(certFile, keyFile, null, false);
    }

    /** For who listens and dials, and where each side shows the other a certificate. */
    public static TlsOptions mutual(Path certFile, Path keyFile, Path trustedCaFile) {
        return new TlsOptions(certFile, keyFile, trustedCaFile, true);
    }

    /** Whether who connects must show a certificate. */
    boolean requiresCertificate() {
        return clientCertAuth || trustedCaFile != null;
    }

    List<Path> files() {
        List<Path> files = new ArrayList<>();
        for (Path file : new Path[] {certFile, keyFile, trustedCaFile}) {
            if (file != null) {
                files.add(file);
            }
        }
        return files;
    }
}
