package dev.quorate.conformance;

import dev.quorate.kv.auth.JwtOptions;
import dev.quorate.kv.embedded.CertificateAuthority;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * Certificates on both sides of both ports, and signed tokens.
 *
 * @param server what servers show to clients and to one another
 * @param tokens the same keys at all servers
 */
record Security(CertificateAuthority authority, TlsOptions server, JwtOptions tokens) {

    private static final int KEY_BITS = 2_048;

    static Security create(Path directory) throws IOException, GeneralSecurityException {
        CertificateAuthority authority = CertificateAuthority.create(directory.resolve("tls"));
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(KEY_BITS);
        KeyPair pair = generator.generateKeyPair();
        JwtOptions tokens = new JwtOptions(
                "RS256",
                pem(
                        directory.resolve("token.key"),
                        "PRIVATE KEY",
                        pair.getPrivate().getEncoded()),
                pem(
                        directory.resolve("token.pub"),
                        "PUBLIC KEY",
                        pair.getPublic().getEncoded()),
                JwtOptions.DEFAULT_TTL);
        return new Security(authority, authority.issue("server"), tokens);
    }

    private static Path pem(Path file, String label, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(file, "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n");
    }

    /** What a gRPC client of this name shows and trusts. */
    SslContext client(String commonName) throws IOException {
        TlsOptions files = authority.issue(commonName);
        return GrpcSslContexts.forClient()
                .trustManager(authority.rootFile().toFile())
                .keyManager(certificate(files).toFile(), key(files).toFile())
                .build();
    }

    /** The same, as etcdctl is told. */
    List<String> flags(String commonName) throws IOException {
        TlsOptions files = authority.issue(commonName);
        return List.of("--cacert=" + authority.rootFile(), "--cert=" + certificate(files), "--key=" + key(files));
    }

    /** What a server of etcd is told. */
    List<String> etcdFlags() {
        return List.of(
                "--cert-file=" + certificate(server),
                "--key-file=" + key(server),
                "--trusted-ca-file=" + authority.rootFile(),
                "--client-cert-auth",
                "--peer-cert-file=" + certificate(server),
                "--peer-key-file=" + key(server),
                "--peer-trusted-ca-file=" + authority.rootFile(),
                "--peer-client-cert-auth",
                "--auth-token=jwt,sign-method=" + tokens.signMethod() + ",priv-key=" + tokens.privateKeyFile()
                        + ",pub-key=" + tokens.publicKeyFile() + ",ttl="
                        + tokens.ttl().toSeconds() + "s");
    }

    private static Path certificate(TlsOptions files) {
        return Objects.requireNonNull(files.certFile());
    }

    private static Path key(TlsOptions files) {
        return Objects.requireNonNull(files.keyFile());
    }
}
