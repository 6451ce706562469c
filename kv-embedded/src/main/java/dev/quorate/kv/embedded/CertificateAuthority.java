package dev.quorate.kv.embedded;

import dev.quorate.raft.transport.netty.tls.TlsOptions;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * An authority of one's own, for tests with TLS: what it signs is valid for a day, for loopback addresses. Its key is nowhere but
 * in memory. Any thread.
 *
 * <pre>{@code
 * CertificateAuthority authority = CertificateAuthority.create(directory);
 * TlsOptions server = authority.issue("server");
 * EmbeddedCluster.builder().nodes(3).configure(config -> config.clientTls(server).peerTls(server)).start();
 * }</pre>
 */
public final class CertificateAuthority {

    private static final Duration VALIDITY = Duration.ofDays(1);

    private final Path directory;
    private final X509Bundle authority;

    private CertificateAuthority(Path directory, X509Bundle authority) {
        this.directory = directory;
        this.authority = authority;
    }

    /**
     * @param directory for the files; made where it is missing
     * @throws IOException if they cannot be written
     */
    public static CertificateAuthority create(Path directory) throws IOException {
        Files.createDirectories(directory);
        X509Bundle bundle = built(
                "quorate-test-authority",
                builder -> builder.setIsCertificateAuthority(true).buildSelfSigned());
        CertificateAuthority made = new CertificateAuthority(directory, bundle);
        Files.writeString(made.rootFile(), bundle.getCertificatePEM());
        return made;
    }

    /** The certificate that both sides trust, as PEM. */
    public Path rootFile() {
        return directory.resolve("ca.pem");
    }

    /**
     * A certificate for a server or a client, in {@code NAME.pem} and {@code NAME.key}; files of an earlier one are replaced.
     *
     * @param commonName what the certificate says; to a server with {@link TlsOptions#clientCertAuth} it is the client's user. A
     *     file's name, too
     * @return for a server, to which nobody connects without a certificate of this authority, or for a client of it
     * @throws IllegalArgumentException if the name is none for a file
     * @throws IOException if the files cannot be written
     */
    public TlsOptions issue(String commonName) throws IOException {
        if (!commonName.matches("[A-Za-z0-9._-]+")) {
            throw new IllegalArgumentException(
                    "the common name '" + commonName + "' is none for a file: letters, digits, '.', '_' and '-'");
        }
        X509Bundle issued = built(
                commonName,
                builder -> builder.addSanIpAddress("127.0.0.1")
                        .addSanIpAddress("::1")
                        .addSanDnsName("localhost")
                        .buildIssuedBy(authority));
        Path certificate = directory.resolve(commonName + ".pem");
        Path key = directory.resolve(commonName + ".key");
        Files.writeString(key, issued.getPrivateKeyPEM());
        Files.writeString(certificate, issued.getCertificatePEM());
        return TlsOptions.mutual(certificate, key, rootFile());
    }

    private interface Building {
        X509Bundle by(CertificateBuilder builder) throws Exception;
    }

    private static X509Bundle built(String commonName, Building building) throws IOException {
        Instant now = Instant.now();
        try {
            return building.by(new CertificateBuilder()
                    .ecp256()
                    .subject("CN=" + commonName)
                    .notBefore(now.minus(VALIDITY))
                    .notAfter(now.plus(VALIDITY)));
        } catch (Exception e) { // the library's builders declare no other
            throw new IOException("a certificate for " + commonName + " could not be made: " + e.getMessage(), e);
        }
    }
}
