package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.kv.api.MemberListRequest;
import dev.quorate.kv.server.KvServerException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that cannot start says why in one line, and leaves what is not its own as it was. */
final class ServerStartTest {

    @TempDir
    private Path root;

    private static KvServerException refused(Reason reason, String part, KvServerConfig config) {
        KvServerException refused = assertThrows(KvServerException.class, () -> KvServer.start(config));
        String message = String.valueOf(refused.getMessage());
        assertEquals(reason, refused.reason(), message);
        assertTrue(message.contains(part), message);
        assertEquals(1, message.lines().count());
        return refused;
    }

    private List<String> filesIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.map(file -> directory.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aTakenClientPortIsNamedAndNothingIsMade() throws Exception {
        TestCluster cluster = new TestCluster(root, 1, 1_000);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            refused(
                    Reason.ADDRESS_IN_USE,
                    "the client address " + address + " is in use",
                    cluster.config("n1").clientAddress(address).build());
        }
        assertFalse(Files.exists(root.resolve("n1")));
    }

    @Test
    void aTakenPeerPortIsNamedAndNothingIsMade() throws Exception {
        TestCluster cluster = new TestCluster(root, 1, 1_000);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            refused(
                    Reason.ADDRESS_IN_USE,
                    "the peer address " + address + " is in use",
                    cluster.config("n1").peerAddress(address).build());
        }
        assertFalse(Files.exists(root.resolve("n1")));
    }

    @Test
    void anAddressOfAnotherMachineIsNotUsable() throws Exception {
        TestCluster cluster = new TestCluster(root, 1, 1_000);
        refused(
                Reason.ADDRESS_UNUSABLE,
                "203.0.113.7:0",
                cluster.config("n1").clientAddress("203.0.113.7:0").build());
    }

    @Test
    void aForeignDirectoryStaysAsItIs() throws Exception {
        Path foreign = Files.createDirectories(root.resolve("n1"));
        Files.writeString(foreign.resolve("thesis.txt"), "years of work");
        TestCluster cluster = new TestCluster(root, 1, 1_000);

        refused(Reason.DIRECTORY_FOREIGN, "thesis.txt", cluster.config("n1").build());

        assertEquals(List.of("", "thesis.txt"), filesIn(foreign));
    }

    @Test
    void aFileIsNoDataDirectory() throws Exception {
        Files.writeString(root.resolve("n1"), "a file");
        TestCluster cluster = new TestCluster(root, 1, 1_000);

        refused(Reason.DIRECTORY_FOREIGN, "is a file", cluster.config("n1").build());
    }

    @Test
    void aDirectoryInUseIsNotShared() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 1, 1_000).startAll()) {
            TestCluster other = new TestCluster(root, 1, 1_000);
            refused(
                    Reason.DIRECTORY_IN_USE,
                    "is in use by a running server",
                    other.config("n1").build());
            assertEquals("n1", cluster.leader());
        }
    }

    @Test
    void anotherMembersDirectoryIsRefused() throws Exception {
        TestCluster cluster = new TestCluster(root, 2, 1_000);
        cluster.start("n1");
        cluster.close();

        KvServerException refused = refused(
                Reason.IDENTITY_MISMATCH,
                "is of 'member n1', not of 'member n2'",
                cluster.config("n2").dataDirectory(root.resolve("n1")).build());
        assertTrue(String.valueOf(refused.getMessage()).contains("choose the right"));
    }

    @Test
    void anotherClustersDirectoryIsRefused() throws Exception {
        TestCluster cluster = new TestCluster(root, 1, 1_000);
        cluster.start("n1");
        cluster.close();
        List<String> before = filesIn(root.resolve("n1"));

        refused(
                Reason.IDENTITY_MISMATCH,
                "is of another cluster",
                cluster.config("n1").clusterToken("other").build());

        assertEquals(before, filesIn(root.resolve("n1")));
    }

    @Test
    void aFormatOfTheFutureIsRefused() throws Exception {
        Path directory = Files.createDirectories(root.resolve("n1"));
        Files.writeString(directory.resolve("identity"), "quorate data format 2\nmember n1\n");
        TestCluster cluster = new TestCluster(root, 1, 1_000);

        refused(
                Reason.DATA_UNUSABLE,
                "quorate data format 2",
                cluster.config("n1").build());
    }

    @Test
    void aServerThatListensEverywhereMustSayWhereItIsReached() throws Exception {
        TestCluster cluster = new TestCluster(root, 1, 1_000);
        for (String everywhere : List.of("0.0.0.0:0", "[::]:0")) {
            KvServerConfig.Builder config = cluster.config("n1").clientAddress(everywhere);
            IllegalArgumentException missing = assertThrows(IllegalArgumentException.class, config::build);
            assertTrue(String.valueOf(missing.getMessage()).contains("set advertise-client"), missing::toString);
            IllegalArgumentException useless = assertThrows(
                    IllegalArgumentException.class,
                    () -> config.advertisedClientAddress(everywhere).build());
            assertTrue(String.valueOf(useless.getMessage()).contains("is none that a client could"), useless::toString);
        }
    }

    @Test
    void theListOfMembersHasTheAdvertisedAddress() throws Exception {
        TestCluster cluster = new TestCluster(root, 1, 1_000);
        KvServerConfig config = cluster.config("n1")
                .clientAddress("0.0.0.0:0")
                .advertisedClientAddress("127.0.0.1:0")
                .build();
        try (KvServer server = KvServer.start(config);
                TestClient client = new TestClient(server.clientPort())) {
            String expected = "http://127.0.0.1:" + server.clientPort();
            TestCluster.await(
                    "the member is published as " + expected,
                    () -> client.cluster()
                            .memberList(MemberListRequest.getDefaultInstance())
                            .getMembers(0)
                            .getClientURLsList()
                            .equals(List.of(expected)));
        }
    }

    @Test
    void anAdvertisedAddressIsToldAsItWasGiven() {
        KvServerConfig.Builder config = KvServerConfig.builder("n1");
        assertEquals("http://127.0.0.1:2379", config.build().clientUrl(2379));
        assertEquals(
                "http://db.example.invalid:80",
                config.advertisedClientAddress("db.example.invalid:80").build().clientUrl(2379));
        assertEquals(
                "http://[::1]:2379",
                config.advertisedClientAddress("[::1]:0").build().clientUrl(2379));
    }

    @Test
    void badValuesAreRefusedInOneLine() {
        for (Runnable bad : List.<Runnable>of(
                () -> KvServerConfig.builder("no spaces").build(),
                () -> KvServerConfig.builder("n1").clientAddress("2379").build(),
                () -> KvServerConfig.builder("n1").peerAddress("host:99999").build(),
                () -> KvServerConfig.builder("n1")
                        .initialCluster(Map.of("n2", "h:1"))
                        .build(),
                () -> KvServerConfig.builder("n1").clusterToken("").build(),
                () -> KvServerConfig.builder("n1").snapshotEveryEntries(0).build())) {
            IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, bad::run);
            assertEquals(1, String.valueOf(refused.getMessage()).lines().count());
        }
    }

    @Test
    void strangersAtTheClientPortDoNoHarm() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 1, 1_000).startAll()) {
            cluster.leader();
            int port = cluster.server("n1").clientPort();
            Random random = new Random(7);
            for (int i = 0; i < 20; i++) {
                byte[] noise = new byte[1 + random.nextInt(4_000)];
                random.nextBytes(noise);
                if (i % 4 == 0) {
                    noise = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.UTF_8);
                }
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    socket.getOutputStream().write(noise);
                    socket.getOutputStream().flush();
                }
            }
            cluster.client("n1").put("k", "v");
            assertEquals("v", cluster.client("n1").value("k"));
        }
    }
}
