package dev.quorate.kv.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedClusterTest {

    @Test
    void oneLineIsAClusterThatJetcdWritesTo() throws Exception {
        try (EmbeddedCluster cluster = EmbeddedCluster.start(1);
                Jetcd client = new Jetcd(cluster)) {
            client.put("greeting", "hello");

            assertEquals("hello", client.get("greeting"));
        }
    }

    @Test
    void withCertificatesNobodyGetsInWithoutOne(@TempDir Path files) throws Exception {
        CertificateAuthority authority = CertificateAuthority.create(files.resolve("ours"));
        TlsOptions server = authority.issue("server");
        TlsOptions stranger =
                CertificateAuthority.create(files.resolve("others")).issue("client");
        try (EmbeddedCluster cluster = EmbeddedCluster.builder()
                        .nodes(3)
                        .configure(config -> config.clientTls(server).peerTls(server))
                        .start();
                Jetcd client = new Jetcd(cluster, authority.issue("client"))) {
            client.put("greeting", "hello");

            assertEquals("hello", client.get("greeting"));
            assertEquals("https", cluster.clientUri("n1").getScheme());
            assertEquals(Status.Code.UNAVAILABLE, answerTo(stranger, authority.rootFile(), cluster.clientUri("n1")));
        }
    }

    private static Status.Code answerTo(TlsOptions caller, Path trusted, URI server) throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forTarget(server.getAuthority())
                .sslContext(Jetcd.context(caller, trusted))
                .build();
        try {
            var unused = KVGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(20, TimeUnit.SECONDS)
                    .range(RangeRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8("greeting"))
                            .build());
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void aCertificateIsForANameThatIsOneForAFileToo(@TempDir Path files) throws Exception {
        CertificateAuthority authority = CertificateAuthority.create(files);

        assertThrows(IllegalArgumentException.class, () -> authority.issue("../root"));
    }

    @Test
    void threeNodesSurviveTheLossOfTheirLeader() throws Exception {
        try (EmbeddedCluster cluster = EmbeddedCluster.start(3);
                Jetcd client = new Jetcd(cluster)) {
            client.put("greeting", "hello");
            String first = cluster.awaitLeader();

            cluster.stop(first);

            assertEquals("hello", client.get("greeting"));
            assertNotEquals(first, cluster.awaitLeader());
            assertFalse(cluster.clientUris().contains(cluster.clientUri(first)));
        }
    }

    @Test
    void aMemberComesBackWithItsPortAndItsData() throws Exception {
        try (EmbeddedCluster cluster = EmbeddedCluster.start(1)) {
            URI before = cluster.clientUri("n1");
            try (Jetcd client = new Jetcd(cluster)) {
                client.put("greeting", "hello");
            }

            cluster.stop("n1");
            cluster.start("n1");
            cluster.awaitLeader();

            assertEquals(List.of(before), cluster.clientUris());
            try (Jetcd client = new Jetcd(cluster)) {
                assertEquals("hello", client.get("greeting"));
            }
        }
    }

    @Test
    void nothingIsLeftOfItAfterwards() throws Exception {
        EmbeddedCluster cluster = EmbeddedCluster.start(1);
        URI uri = cluster.clientUri("n1");
        Path data = cluster.directory();
        assertTrue(Files.exists(data));

        cluster.close();

        assertFalse(Files.exists(data));
        assertThrows(ConnectException.class, () -> new Socket(uri.getHost(), uri.getPort()).close());
        cluster.close(); // again does nothing
    }

    @Test
    void aDirectoryOfTheTestsIsKept(@TempDir Path directory) throws Exception {
        try (EmbeddedCluster cluster =
                        EmbeddedCluster.builder().directory(directory).start();
                Jetcd client = new Jetcd(cluster)) {
            client.put("greeting", "hello");
        }

        assertTrue(Files.exists(directory.resolve("n1")));
    }

    @Test
    void impossibleWishesAreRefusedByName() {
        assertRefused("from 1 to 9", () -> EmbeddedCluster.start(0));
        try (EmbeddedCluster cluster = EmbeddedCluster.start(1)) {
            assertRefused("'n7'", () -> cluster.stop("n7"));
        }
    }

    @Test
    void whatDoesNotStartLeavesNothingBehind() throws Exception {
        List<Path> before = temporaryDirectories();

        assertRefused(
                "snapshot every 0",
                () -> EmbeddedCluster.builder()
                        .configure(config -> config.snapshotEveryEntries(0))
                        .start());

        assertEquals(before, temporaryDirectories());
    }

    private static List<Path> temporaryDirectories() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir", "/tmp")))) {
            return all.filter(path -> path.getFileName().toString().startsWith(EmbeddedCluster.TEMPORARY))
                    .sorted()
                    .toList();
        }
    }

    private static void assertRefused(String why, Executable call) {
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, call).getMessage());
        assertTrue(message.contains(why), message);
    }
}
