package dev.quorate.raft.transport.netty;

import dev.quorate.raft.transport.netty.tls.TlsOptions;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** A certificate authority, and the files of what it has signed. */
final class TestCertificates {

    private final Path directory;
    private final X509Bundle authority;
    private final Path rootFile;

    TestCertificates(Path directory, String name) throws Exception {
        this.directory = Files.createDirectories(directory.resolve(name));
        this.authority = new CertificateBuilder()
                .ecp256()
                .subject("CN=" + name)
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        this.rootFile = this.directory.resolve("ca.crt");
        Files.writeString(rootFile, authority.getCertificatePEM());
    }

    /** A certificate for this machine, valid for a day: CN is {@code name}, and so are the files called. */
    TlsOptions issue(String name) throws Exception {
        return issue(name, Instant.now().plus(Duration.ofDays(1)));
    }

    TlsOptions issue(String name, Instant end) throws Exception {
        X509Bundle issued = new CertificateBuilder()
                .ecp256()
                .subject("CN=" + name)
                .notBefore(end.minus(Duration.ofDays(2)))
                .notAfter(end)
                .addSanIpAddress("127.0.0.1")
                .addSanDnsName("localhost")
                .buildIssuedBy(authority);
        Path certificate = directory.resolve(name + ".crt");
        Path key = directory.resolve(name + ".key");
        Files.writeString(key, issued.getPrivateKeyPEM());
        Files.writeString(certificate, issued.getCertificatePEM());
        return new TlsOptions(certificate, key, rootFile, true);
    }
}
