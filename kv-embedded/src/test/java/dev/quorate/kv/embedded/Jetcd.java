package dev.quorate.kv.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quorate.raft.transport.netty.tls.TlsOptions;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** What a program that was written for etcd does. */
final class Jetcd implements AutoCloseable {

    private static final long DEADLINE_SECONDS = 20;

    private final Client client;

    Jetcd(EmbeddedCluster cluster) {
        this.client = Client.builder().endpoints(cluster.clientUris()).build();
    }

    /** One that shows a certificate. */
    Jetcd(EmbeddedCluster cluster, TlsOptions files) throws SSLException {
        this.client = Client.builder()
                .endpoints(cluster.clientUris())
                .sslContext(context(files, Objects.requireNonNull(files.trustedCaFile())))
                .build();
    }

    /** Shows that certificate, and trusts whom these roots lead to. */
    static SslContext context(TlsOptions files, Path trusted) throws SSLException {
        return GrpcSslContexts.forClient()
                .trustManager(trusted.toFile())
                .keyManager(
                        Objects.requireNonNull(files.certFile()).toFile(),
                        Objects.requireNonNull(files.keyFile()).toFile())
                .build();
    }

    void put(String key, String value) throws Exception {
        await(client.getKVClient().put(bytes(key), bytes(value)));
    }

    /** The value, or "absent". */
    String get(String key) throws Exception {
        var response = await(client.getKVClient().get(bytes(key)));
        return response.getKvs().isEmpty()
                ? "absent"
                : response.getKvs().get(0).getValue().toString(UTF_8);
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        return future.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    @Override
    public void close() {
        client.close();
    }
}
