package dev.quorate.raft.transport.netty;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.runtime.Transport.SnapshotPart;
import dev.quorate.raft.transport.netty.wire.Wire.ConnectionKind;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotChunk;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotEnd;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotFile;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotManifest;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotRequest;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SnapshotTransferTest {

    private final NodeId senderId = Member.name("sender");
    private final NodeId receiverId = Member.name("receiver");
    private final SnapshotMeta meta =
            new SnapshotMeta(new EntryId(100, 3), Membership.of(List.of(senderId, receiverId)));

    @TempDir
    Path temporary;

    private Duration stallTimeout = Duration.ofSeconds(30);
    private Path source;
    private Path target;

    @BeforeEach
    void directories() throws IOException {
        source = Files.createDirectory(temporary.resolve("source"));
        target = temporary.resolve("target");
    }

    private void write(String name, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        Path file = source.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    private static Map<String, byte[]> content(Path directory) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path file : tree.filter(Files::isRegularFile).toList()) {
                files.put(directory.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    private static void assertSame(Path expected, Path actual) throws IOException {
        Map<String, byte[]> want = content(expected);
        Map<String, byte[]> have = content(actual);
        assertEquals(want.keySet(), have.keySet());
        for (Map.Entry<String, byte[]> file : want.entrySet()) {
            assertArrayEquals(file.getValue(), have.get(file.getKey()), file.getKey());
        }
    }

    private Member sender(UnaryOperator<NettyTransportOptions.Builder> change) throws IOException {
        Member sender = Member.start(senderId, change);
        sender.heard().snapshot = source;
        sender.transport().setPeers(Map.of(receiverId, "127.0.0.1:1"));
        return sender;
    }

    private Member receiver(Member sender) throws IOException {
        return receiver(sender.address());
    }

    private Member receiver(String senderAddress) throws IOException {
        Member receiver = Member.start(receiverId, o -> o.snapshotStallTimeout(stallTimeout));
        receiver.transport().setPeers(Map.of(senderId, senderAddress));
        return receiver;
    }

    private static DirectoryReceiver into(Path directory) {
        return new DirectoryReceiver(directory);
    }

    private static String failureOf(CompletableFuture<Void> fetch) {
        ExecutionException failed = assertThrows(ExecutionException.class, () -> fetch.get(30, TimeUnit.SECONDS));
        return String.valueOf(
                assertInstanceOf(IOException.class, failed.getCause()).getMessage());
    }

    @Test
    void filesArriveWithTheirNamesAndContent() throws Exception {
        write("CURRENT", 16);
        write("empty", 0);
        write("one-chunk", SnapshotSend.CHUNK_BYTES);
        write("several-chunks", 5 * SnapshotSend.CHUNK_BYTES + 1);
        write("nested/deeper/file", 1_000);
        try (Member sender = sender(UnaryOperator.identity());
                Member receiver = receiver(sender)) {
            receiver.transport().fetchSnapshot(senderId, meta, into(target)).get(30, TimeUnit.SECONDS);

            assertSame(source, target);
            Eventually.until(
                    "the lease is closed", () -> sender.heard().openLeases.get() == 0);
        }
    }

    @Test
    void aSnapshotWithoutFilesIsASnapshotToo() throws Exception {
        try (Member sender = sender(UnaryOperator.identity());
                Member receiver = receiver(sender)) {
            DirectoryReceiver files = into(target);

            receiver.transport().fetchSnapshot(senderId, meta, files).get(30, TimeUnit.SECONDS);

            assertEquals(List.of(List.of()), files.asked);
        }
    }

    @Test
    void theRateIsLimited() throws Exception {
        write("file", 3 * SnapshotSend.CHUNK_BYTES);
        try (Member sender = sender(o -> o.snapshotBytesPerSecond(4L * SnapshotSend.CHUNK_BYTES));
                Member receiver = receiver(sender)) {
            long start = System.nanoTime();

            receiver.transport().fetchSnapshot(senderId, meta, into(target)).get(30, TimeUnit.SECONDS);

            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            assertTrue(millis >= 500, "three chunks at four a second took " + millis + " ms");
        }
    }

    @Test
    void messagesPassWhileASnapshotIsOnItsWay() throws Exception {
        write("file", 20 * SnapshotSend.CHUNK_BYTES);
        try (Member sender = sender(o -> o.snapshotBytesPerSecond(8L * SnapshotSend.CHUNK_BYTES));
                Member receiver = receiver(sender)) {
            sender.transport().setPeers(Map.of(receiverId, receiver.address()));
            sender.reaches(receiver);
            CompletableFuture<Void> fetch = receiver.transport().fetchSnapshot(senderId, meta, into(target));
            Eventually.until("it began", () -> Files.exists(target.resolve("file")));

            Message heartbeat = new Message.Heartbeat(senderId, receiverId, 3, 0, 1, 0);
            sender.transport().send(List.of(heartbeat));

            Eventually.until("it arrived", () -> receiver.heard().messages.contains(heartbeat));
            assertTrue(!fetch.isDone(), "the snapshot is still on its way");
        }
    }

    @Test
    void aSenderThatDoesNotHaveItSaysSo() throws Exception {
        try (Member sender = sender(UnaryOperator.identity());
                Member receiver = receiver(sender)) {
            sender.heard().snapshot = null;

            String failure = failureOf(receiver.transport().fetchSnapshot(senderId, meta, into(target)));

            assertEquals(
                    "fetching the snapshot at 100@3 from " + senderId + " at " + sender.address()
                            + " failed: the sender gave up: the snapshot at 100@3 is gone, before anything arrived",
                    failure);
        }
    }

    @Test
    void aFileThatDisappearsEndsTheTransferWithAWord() throws Exception {
        write("a", 4 * SnapshotSend.CHUNK_BYTES);
        write("b", 10);
        try (Member sender = sender(o -> o.snapshotBytesPerSecond(4L * SnapshotSend.CHUNK_BYTES));
                Member receiver = receiver(sender)) {
            CompletableFuture<Void> fetch = receiver.transport().fetchSnapshot(senderId, meta, into(target));
            Eventually.until("it began", () -> Files.exists(target.resolve("a")));

            Files.delete(source.resolve("b"));

            assertTrue(failureOf(fetch).contains("file 'b' changed while it was read"), failureOf(fetch));
            Eventually.until(
                    "the lease is closed", () -> sender.heard().openLeases.get() == 0);
        }
    }

    @Test
    void oneSnapshotTooManyIsRefusedAndTheOthersGoOn() throws Exception {
        write("a", 4 * SnapshotSend.CHUNK_BYTES);
        try (Member sender = sender(o -> o.maxSnapshotSends(1).snapshotBytesPerSecond(4L * SnapshotSend.CHUNK_BYTES));
                Member receiver = receiver(sender)) {
            CompletableFuture<Void> first = receiver.transport().fetchSnapshot(senderId, meta, into(target));
            Eventually.until("it began", () -> Files.exists(target.resolve("a")));

            String failure =
                    failureOf(receiver.transport().fetchSnapshot(senderId, meta, into(temporary.resolve("second"))));

            assertTrue(failure.contains("the limit of 1 snapshots that are sent at once is reached"), failure);
            first.get(30, TimeUnit.SECONDS);
            assertSame(source, target);
        }
    }

    @Test
    void aPeerThatIsNotThereFailsTheFetchAtOnce() throws Exception {
        int port;
        try (ServerSocket gone = Stranger.listen()) {
            port = gone.getLocalPort();
        }
        try (Member receiver = receiver("127.0.0.1:" + port)) {
            assertTrue(failureOf(receiver.transport().fetchSnapshot(senderId, meta, into(target)))
                    .contains("nothing listens there, before anything arrived"));
            assertTrue(failureOf(receiver.transport().fetchSnapshot(NodeId.of("nobody"), meta, into(target)))
                    .contains("knows no address of it"));
        }
    }

    @Test
    void closingTheReceiverEndsTheFetch() throws Exception {
        write("a", 100 * SnapshotSend.CHUNK_BYTES);
        try (Member sender = sender(o -> o.snapshotBytesPerSecond(SnapshotSend.CHUNK_BYTES));
                Member receiver = receiver(sender)) {
            CompletableFuture<Void> fetch = receiver.transport().fetchSnapshot(senderId, meta, into(target));
            Eventually.until("it began", () -> Files.exists(target.resolve("a")));

            receiver.transport().close();

            assertTrue(failureOf(fetch).contains("was closed while it fetched the snapshot at 100@3"));
            Eventually.until(
                    "the lease is closed", () -> sender.heard().openLeases.get() == 0);
        }
    }

    @Test
    void closingTheSenderReleasesTheSnapshotAndEndsTheFetchWithHowFarItCame() throws Exception {
        write("a", 10);
        write("b", 100 * SnapshotSend.CHUNK_BYTES);
        try (Member sender = sender(o -> o.snapshotBytesPerSecond(SnapshotSend.CHUNK_BYTES));
                Member receiver = receiver(sender)) {
            CompletableFuture<Void> fetch = receiver.transport().fetchSnapshot(senderId, meta, into(target));
            Eventually.until("it began", () -> Files.exists(target.resolve("b")));

            sender.transport().close();

            assertEquals(0, sender.heard().openLeases.get());
            assertTrue(failureOf(fetch).matches(".*nothing listens there, after \\d+ bytes, with \\d+ to come"));
        }
    }

    @Test
    void aMemberThatKnowsNobodyFindsTheSenderByTheSnapshotsMembership() throws Exception {
        write("a", 10);
        try (Member sender = sender(UnaryOperator.identity());
                Member joining = Member.start(receiverId)) {
            SnapshotMeta withAddress =
                    new SnapshotMeta(meta.lastIncluded(), Membership.of(Map.of(senderId, sender.address())));

            joining.transport()
                    .fetchSnapshot(senderId, withAddress, into(target))
                    .get(30, TimeUnit.SECONDS);

            assertSame(source, target);
        }
    }

    // From here on the sender is a stranger that does what a sender must not.

    private static Header.Builder manifest(String name, long sizeBytes) {
        return Header.newBuilder()
                .setSnapshotManifest(SnapshotManifest.newBuilder().addFiles(file(name, sizeBytes)));
    }

    private static SnapshotFile.Builder file(String name, long sizeBytes) {
        return SnapshotFile.newBuilder()
                .setName(name)
                .setSizeBytes(sizeBytes)
                .setSha256(ByteString.copyFrom(new byte[32]));
    }

    private static byte[] chunk(byte[] content) {
        return Frames.bytesOf(new Frame(
                Header.newBuilder()
                        .setGroupId(Member.GROUP)
                        .addPayloadBytes(content.length)
                        .setSnapshotChunk(SnapshotChunk.getDefaultInstance())
                        .build(),
                List.of(content)));
    }

    private String failureAfter(byte[]... frames) throws Exception {
        try (ServerSocket server = Stranger.listen();
                Member receiver = receiver("127.0.0.1:" + server.getLocalPort())) {
            CompletableFuture<Void> fetch = receiver.transport().fetchSnapshot(senderId, meta, into(target));
            try (Stranger sender = welcomeFetch(server)) {
                for (byte[] frame : frames) {
                    sender.send(frame);
                }
                return failureOf(fetch);
            }
        }
    }

    /** Takes connections until one asks for a snapshot: the receiver dials for messages too. */
    private Stranger welcomeFetch(ServerSocket server) throws Exception {
        while (true) {
            Stranger sender = Stranger.welcome(server);
            if (sender.helloKind() == ConnectionKind.CONNECTION_KIND_SNAPSHOT) {
                sender.read();
                return sender;
            }
            sender.close();
        }
    }

    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.US_ASCII);

    @Test
    void aSenderThatEndsTooSoonIsNotBelieved() throws Exception {
        String failure = failureAfter(
                Frames.bytesOf(manifest("a", 5)),
                Frames.bytesOf(Header.newBuilder().setSnapshotEnd(SnapshotEnd.getDefaultInstance())));

        assertTrue(
                failure.contains("the sender ended before it had sent everything, after 0 bytes, with 5 to come"),
                failure);
    }

    @Test
    void aFileOutsideOfTheDirectoryIsNotWritten() throws Exception {
        String failure = failureAfter(Frames.bytesOf(manifest("../outside", 5)), chunk(HELLO));

        assertTrue(failure.contains("snapshot file name '../outside' is refused"), failure);
        assertTrue(Files.notExists(temporary.resolve("outside")));
    }

    @Test
    void aSenderThatStallsFailsTheFetchWithHowFarItCame() throws Exception {
        stallTimeout = Duration.ofMillis(1_500);

        String failure = failureAfter(Frames.bytesOf(manifest("a", 6)), chunk(HELLO));

        assertTrue(failure.endsWith("nothing came for 1500 ms, after 5 bytes, with 1 to come"), failure);
    }

    @Test
    void moreThanWasAskedForIsRefused() throws Exception {
        String failure = failureAfter(Frames.bytesOf(manifest("a", 4)), chunk(HELLO));

        assertTrue(failure.contains("the sender sent more than was asked for"), failure);
        assertEquals("", Files.readString(target.resolve("a")));
    }

    @Test
    void bytesBeforeTheManifestAreRefused() throws Exception {
        String failure = failureAfter(chunk(HELLO));

        assertTrue(failure.contains("a frame of kind SNAPSHOT_CHUNK with 1 payloads where none was expected"), failure);
    }

    @Test
    void aLostConnectionIsDialledAgainAndTheTransferGoesOnAtTheByteWhereItWas() throws Exception {
        byte[] manifest = Frames.bytesOf(Header.newBuilder()
                .setSnapshotManifest(
                        SnapshotManifest.newBuilder().addFiles(file("a", 5)).addFiles(file("b", 10))));
        try (ServerSocket server = Stranger.listen();
                Member receiver = receiver("127.0.0.1:" + server.getLocalPort())) {
            DirectoryReceiver files = into(target);
            CompletableFuture<Void> fetch = receiver.transport().fetchSnapshot(senderId, meta, files);
            try (Stranger sender = welcomeFetch(server)) {
                sender.send(manifest);
                sender.send(chunk(HELLO));
                sender.send(chunk("JEL".getBytes(StandardCharsets.US_ASCII)));
                Eventually.until(
                        "a part of the second file is there",
                        () -> Files.exists(target.resolve("b")) && Files.size(target.resolve("b")) == 3);
            }

            try (Stranger again = welcomeFetch(server)) {
                again.send(manifest);
                again.send(chunk("LOhello".getBytes(StandardCharsets.US_ASCII)));
                again.send(Frames.bytesOf(Header.newBuilder().setSnapshotEnd(SnapshotEnd.getDefaultInstance())));
                fetch.get(30, TimeUnit.SECONDS);
            }

            assertEquals("hello", Files.readString(target.resolve("a")));
            assertEquals("JELLOhello", Files.readString(target.resolve("b")));
            assertEquals(
                    List.of(List.of(new SnapshotPart(0, 0), new SnapshotPart(1, 0)), List.of(new SnapshotPart(1, 3))),
                    files.asked);
        }
    }

    private Stranger asking(Member sender) throws Exception {
        Stranger receiver = Stranger.shakeHands(sender, receiverId.value(), ConnectionKind.CONNECTION_KIND_SNAPSHOT);
        receiver.send(Frames.bytesOf(Header.newBuilder()
                .setSnapshotRequest(SnapshotRequest.newBuilder().setSnapshot(MessageEncoder.encode(meta)))));
        return receiver;
    }

    private static byte[] wanting(SnapshotPart... parts) {
        return Frames.bytesOf(Header.newBuilder().setSnapshotWanted(SnapshotFiles.encodeWanted(List.of(parts))));
    }

    @Test
    void aSenderSendsOnlyWhatTheReceiverLacks() throws Exception {
        write("a", 10);
        write("b", 10);
        try (Member sender = sender(UnaryOperator.identity());
                Stranger receiver = asking(sender)) {
            assertTrue(receiver.read().header().hasSnapshotManifest());

            receiver.send(wanting(new SnapshotPart(1, 4)));

            byte[] content = Files.readAllBytes(source.resolve("b"));
            assertArrayEquals(
                    Arrays.copyOfRange(content, 4, 10),
                    receiver.read().payloads().get(0));
            assertTrue(receiver.read().header().hasSnapshotEnd());
            receiver.awaitEnd();
        }
    }

    @Test
    void whoWantsWhatIsNotThereIsToldSo() throws Exception {
        write("a", 10);
        try (Member sender = sender(UnaryOperator.identity());
                Stranger tooFar = asking(sender);
                Stranger noFile = asking(sender)) {
            tooFar.read();
            tooFar.send(wanting(new SnapshotPart(0, 11)));
            noFile.read();
            noFile.send(wanting(new SnapshotPart(0, 0), new SnapshotPart(0, 5)));

            assertTrue(tooFar.read().header().getSnapshotFailed().getReason().contains("file 0 from byte 11"));
            assertTrue(noFile.read().header().getSnapshotFailed().getReason().contains("file 0 from byte 5"));
        }
    }

    @Test
    void aReceiverThatReadsNothingIsGivenUp() throws Exception {
        write("a", 40 << 20);
        try (Member sender = sender(
                        o -> o.snapshotStallTimeout(Duration.ofMillis(300)).snapshotBytesPerSecond(1L << 40));
                Stranger receiver = asking(sender)) {
            receiver.send(wanting(new SnapshotPart(0, 0)));

            Eventually.until(
                    "it is said so",
                    () -> !CapturedLog.linesOf(senderId.value(), "the receiver took nothing for 300 ms")
                            .isEmpty());
            Eventually.until(
                    "the lease is closed", () -> sender.heard().openLeases.get() == 0);
        }
    }
}
