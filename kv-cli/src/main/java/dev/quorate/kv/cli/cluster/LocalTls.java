package dev.quorate.kv.cli.cluster;

import dev.quorate.kv.cli.OwnersFile;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The certificates of a cluster on this machine: an authority that signs one for its servers and one for its clients, and whose own key
 * is thrown away. They are good for loopback addresses only.
 *
 * <pre>
 *   tls/ca.pem                      whom both sides trust
 *   tls/server.pem, server.key      of every server, for clients and for the other members
 *   tls/client.pem, client.key      for whoever may connect
 * </pre>
 */
record LocalTls(Path directory) {

    private static final Duration VALIDITY = Duration.ofDays(3_650);

    /** Clocks of two processes differ a little. */
    private static final Duration CLOCK_SLACK = Duration.ofHours(1);

    /** Makes them. */
    void create() throws IOException {
        Files.createDirectories(directory);
        try {
            X509Bundle authority = builder("quorate-local-authority")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
            Files.writeString(ca(), authority.getCertificatePEM());
            for (Map.Entry<String, String> names : Map.of("server", "quorate-server", "client", "quorate-client")
                    .entrySet()) {
                X509Bundle issued = builder(names.getValue())
                        .addSanIpAddress(ClusterLayout.LOOPBACK)
                        .addSanDnsName("localhost")
                        .buildIssuedBy(authority);
                OwnersFile.create(key(names.getKey()));
                Files.writeString(key(names.getKey()), issued.getPrivateKeyPEM());
                Files.writeString(certificate(names.getKey()), issued.getCertificatePEM());
            }
        } catch (IOException e) {
            throw e;
        } catch (Exception e) { // the library's builders declare no other
            throw new IOException("certificates could not be made: " + e.getMessage(), e);
        }
    }

    private static CertificateBuilder builder(String name) {
        Instant now = Instant.now();
        return new CertificateBuilder()
                .ecp256()
                .subject("CN=" + name)
                .notBefore(now.minus(CLOCK_SLACK))
                .notAfter(now.plus(VALIDITY));
    }

    private Path ca() {
        return directory.resolve("ca.pem");
    }

    private Path certificate(String of) {
        return directory.resolve(of + ".pem");
    }

    private Path key(String of) {
        return directory.resolve(of + ".key");
    }

    /** What a client trusts, and shows. */
    TlsOptions client() {
        return new TlsOptions(certificate("client"), key("client"), ca(), false);
    }

    /** Flags of {@code kv server}: nobody connects without a certificate, as a client or as a member. */
    List<String> serverFlags() {
        String certificate = certificate("server").toString();
        String key = key("server").toString();
        String roots = ca().toString();
        return List.of(
                "--cert-file",
                certificate,
                "--key-file",
                key,
                "--client-cert-auth",
                "--trusted-ca-file",
                roots,
                "--peer-cert-file",
                certificate,
                "--peer-key-file",
                key,
                "--peer-client-cert-auth",
                "--peer-trusted-ca-file",
                roots);
    }
}
