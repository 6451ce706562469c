package dev.quorate.raft.transport.netty.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS as its files are now. Who begins a handshake asks here for a context; if a file has changed since, all are read again.
 * What cannot be used is logged, once, and the context that was in use stays in use. Connections that are open go on as they are.
 *
 * <p>Any thread. A call looks at the dates of three files at most, and reads some kilobytes when one has changed.
 */
public final class ReloadingTls {

    private static final Logger LOG = LoggerFactory.getLogger(ReloadingTls.class);

    private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

    /** Forward secrecy and authenticated encryption; HTTP/2 forbids the rest (RFC 9113 appendix A). */
    private static final List<String> CIPHERS = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private final TlsOptions options;
    private final List<String> protocols;
    private List<Stamp> seen;
    private volatile Contexts contexts;

    /** Tells a file from what it was. */
    private record Stamp(Path file, @Nullable Object inode, long bytes, FileTime changed) {}

    /** @param server null where nobody listens */
    private record Contexts(@Nullable SslContext server, SslContext client) {}

    private ReloadingTls(TlsOptions options, List<String> protocols, List<Stamp> seen, Contexts contexts) {
        this.options = options;
        this.protocols = protocols;
        this.seen = seen;
        this.contexts = contexts;
    }

    /**
     * Reads the files for the first time.
     *
     * @param protocols what is spoken inside, by its names for ALPN (RFC 7301), the one that a listener likes best first; none if nothing is to be
     *     negotiated
     * @throws IOException in one line that names the file, if one cannot be used or two do not fit
     */
    public static ReloadingTls load(TlsOptions options, String... protocols) throws IOException {
        List<String> names = List.of(protocols);
        List<Stamp> stamps = stamps(options);
        return new ReloadingTls(options, names, stamps, read(options, names));
    }

    /**
     * For a connection that is accepted now.
     *
     * @throws IllegalStateException if the options name no certificate
     */
    public SslContext server() {
        SslContext server = current().server();
        if (server == null) {
            throw new IllegalStateException("nobody can listen without a certificate");
        }
        return server;
    }

    /** For a connection that is dialled now; the dialler says to whom, and the name is checked (RFC 2818). */
    public SslContext client() {
        return current().client();
    }

    private synchronized Contexts current() {
        List<Stamp> now = stamps(options);
        if (!now.equals(seen)) {
            seen = now; // also if it does not succeed: the files must change again before they are read again
            try {
                contexts = read(options, protocols);
                LOG.info("certificates were read again: {}", options.files());
            } catch (IOException e) {
                LOG.error("new certificates cannot be used, the old ones stay in use: {}", e.getMessage());
            }
        }
        return contexts;
    }

    private static List<Stamp> stamps(TlsOptions options) {
        List<Stamp> stamps = new ArrayList<>();
        for (Path file : options.files()) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                stamps.add(new Stamp(file, attributes.fileKey(), attributes.size(), attributes.lastModifiedTime()));
            } catch (IOException e) {
                stamps.add(new Stamp(
                        file, null, -1, FileTime.fromMillis(0))); // a file that is missing is a change as well
            }
        }
        return stamps;
    }

    private static Contexts read(TlsOptions options, List<String> protocols) throws IOException {
        X509Certificate[] chain = options.certFile() == null ? null : Pem.certificates(options.certFile());
        PrivateKey key =
                chain == null || options.keyFile() == null ? null : Pem.privateKey(options.keyFile(), chain[0]);
        X509Certificate[] roots = options.trustedCaFile() == null ? null : Pem.certificates(options.trustedCaFile());
        SslContextBuilder client = SslContextBuilder.forClient().endpointIdentificationAlgorithm("HTTPS");
        SslContext server = null;
        if (chain != null && key != null) {
            server = configured(SslContextBuilder.forServer(key, chain), roots, protocols)
                    .clientAuth(options.requiresCertificate() ? ClientAuth.REQUIRE : ClientAuth.NONE)
                    .build();
            client.keyManager(key, chain);
        }
        return new Contexts(server, configured(client, roots, protocols).build());
    }

    private static SslContextBuilder configured(
            SslContextBuilder builder, X509Certificate @Nullable [] roots, List<String> protocols) {
        builder.sslProvider(SslProvider.JDK).protocols(VERSIONS).ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE);
        if (roots != null) {
            builder.trustManager(roots);
        }
        if (!protocols.isEmpty()) {
            builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    protocols));
        }
        return builder;
    }
}
