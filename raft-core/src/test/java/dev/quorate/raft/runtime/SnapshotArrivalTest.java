package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot that arrives: what is here already is not asked for, what was received once is not received again. */
final class SnapshotArrivalTest {

    private static final Membership MEMBERS = Membership.of(List.of(NodeId.of("n1"), NodeId.of("n2")));
    private static final int PIECE_BYTES = 1_000;

    @TempDir
    Path directory;

    private SnapshotStore sender;
    private SnapshotStore receiver;
    private final List<String> lines = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        sender = SnapshotStore.open(directory.resolve("sender"));
        receiver = SnapshotStore.open(directory.resolve("receiver"));
    }

    private static SnapshotMeta meta(long index) {
        return new SnapshotMeta(new EntryId(index, 3), MEMBERS);
    }

    private static void write(SnapshotStore.Draft draft, String name, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(name.hashCode()).nextBytes(content);
        Path file = draft.files().resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    /** Content follows from the name. */
    private static void take(SnapshotStore store, long index, String... names) throws IOException {
        SnapshotStore.Draft draft = store.draft();
        for (String name : names) {
            write(draft, name, 2_500);
        }
        store.commit(draft, meta(index));
    }

    private SnapshotArrival arrival(long index) {
        return new SnapshotArrival(meta(index), receiver, lines::add);
    }

    /** Sends what is asked for in pieces; breaks off after so many bytes. */
    private void transfer(SnapshotArrival arrival, long index, long breakAfterBytes) throws IOException {
        long left = breakAfterBytes;
        try (SnapshotStore.Lease lease = sender.lease(new EntryId(index, 3))) {
            for (Transport.SnapshotPart part : arrival.begin(lease.files())) {
                byte[] content = Files.readAllBytes(
                        lease.directory().resolve(lease.files().get(part.file()).name()));
                for (int at = (int) part.offset(); at < content.length && left > 0; ) {
                    int bytes = (int) Math.min(left, Math.min(PIECE_BYTES, content.length - at));
                    arrival.receive(ByteBuffer.wrap(content, at, bytes));
                    at += bytes;
                    left -= bytes;
                }
            }
        }
    }

    private void transfer(SnapshotArrival arrival, long index) throws IOException {
        transfer(arrival, index, Long.MAX_VALUE);
    }

    private void commit(SnapshotArrival arrival) throws IOException {
        arrival.close();
        receiver.commit(arrival.assemble(), arrival.manifest());
        receiver.staging().clear();
    }

    private void assertReceived(long index) throws IOException {
        try (SnapshotStore.Lease sent = sender.lease(new EntryId(index, 3));
                SnapshotStore.Lease got = receiver.lease(new EntryId(index, 3))) {
            assertEquals(sent.files(), got.files());
            for (SnapshotFile file : sent.files()) {
                assertArrayEquals(
                        Files.readAllBytes(sent.directory().resolve(file.name())),
                        Files.readAllBytes(got.directory().resolve(file.name())),
                        file.name());
            }
        }
    }

    private List<Path> staged() throws IOException {
        Path staging = receiver.staging().directory();
        if (!Files.exists(staging)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(staging)) {
            return files.toList();
        }
    }

    @Test
    void filesArriveWithTheirNamesAndContent() throws IOException {
        SnapshotStore.Draft draft = sender.draft();
        write(draft, "CURRENT", 16);
        write(draft, "empty", 0);
        write(draft, "also-empty", 0);
        write(draft, "nested/deeper/file", 10 * PIECE_BYTES + 1);
        sender.commit(draft, meta(10));
        SnapshotArrival arrival = arrival(10);

        transfer(arrival, 10);
        commit(arrival);

        assertReceived(10);
        assertEquals(List.of(), staged());
        assertEquals(10 * PIECE_BYTES + 17, arrival.receivedBytes());
    }

    @Test
    void aSnapshotWithoutFilesIsASnapshotToo() throws IOException {
        take(sender, 10);
        SnapshotArrival arrival = arrival(10);
        transfer(arrival, 10);
        commit(arrival);

        assertReceived(10);
    }

    @Test
    void whatAnOlderSnapshotHereHasIsNotSent() throws IOException {
        take(receiver, 5, "a", "b", "old");
        take(sender, 10, "a", "b", "new");
        SnapshotArrival arrival = arrival(10);

        transfer(arrival, 10);
        commit(arrival);

        assertReceived(10);
        assertEquals(2_500, arrival.receivedBytes());
        assertEquals(5_000, arrival.heldBytes());
        assertEquals(List.of("fetches 2500 of the 7500 bytes of the snapshot at 10@3: 1 of 3 files"), lines);
    }

    @Test
    void oneContentUnderTwoNamesIsSentOnce() throws IOException {
        SnapshotStore.Draft draft = sender.draft();
        write(draft, "a", 2_500);
        Files.copy(draft.files().resolve("a"), draft.files().resolve("b"));
        sender.commit(draft, meta(10));
        SnapshotArrival arrival = arrival(10);

        transfer(arrival, 10);
        commit(arrival);

        assertReceived(10);
        assertEquals(2_500, arrival.receivedBytes());
    }

    @Test
    void aTransferGoesOnAtTheByteWhereItWas() throws IOException {
        take(sender, 10, "a", "b", "c");
        SnapshotArrival arrival = arrival(10);
        transfer(arrival, 10, 3_700);

        transfer(arrival, 10);
        commit(arrival);

        assertReceived(10);
        assertEquals(7_500, arrival.receivedBytes());
        assertEquals(
                "fetches 3800 of the 7500 bytes of the snapshot at 10@3: 2 of 3 files, going on after 3700 bytes",
                lines.get(1));
    }

    @Test
    void aRestartDoesNotLoseWhatHasArrived() throws IOException {
        take(sender, 10, "a", "b", "c");
        SnapshotArrival before = arrival(10);
        transfer(before, 10, 3_700);
        before.close();
        open();
        SnapshotArrival after = arrival(10);

        transfer(after, 10);
        commit(after);

        assertReceived(10);
        assertEquals(3_800, after.receivedBytes());
        assertEquals(3_700, after.heldBytes());
    }

    @Test
    void theNextSnapshotUsesWhatCameOfTheLastAndTheRestIsDeleted() throws IOException {
        take(sender, 10, "a", "b", "c");
        SnapshotArrival first = arrival(10);
        transfer(first, 10, 3_700);
        first.close();
        take(sender, 20, "a", "z");
        SnapshotArrival second = arrival(20);
        transfer(second, 20, 1);
        assertEquals(2, staged().size());

        transfer(second, 20);
        commit(second);

        assertReceived(20);
        assertEquals(2_500, second.receivedBytes());
    }

    @Test
    void whatWasDamagedOnTheWayIsNotTakenAndComesAgain() throws IOException {
        take(sender, 10, "a", "b");
        SnapshotArrival arrival = arrival(10);
        transfer(arrival, 10);
        arrival.close();
        Path some = staged().get(0);
        byte[] bytes = Files.readAllBytes(some);
        bytes[17] ^= 1;
        Files.write(some, bytes);

        IOException refused = assertThrows(IOException.class, arrival::assemble);
        assertTrue(String.valueOf(refused.getMessage()).contains("it was damaged on its way, or the sender's copy is"));
        SnapshotArrival again = arrival(10);
        transfer(again, 10);
        commit(again);

        assertReceived(10);
        assertEquals(2_500, again.receivedBytes());
    }

    @Test
    void aDamagedCopyOfItsOwnIsNotTakenAndTheFileIsFetched() throws IOException {
        take(receiver, 5, "a");
        take(sender, 10, "a");
        Path own = directory.resolve("receiver/snapshots/5-3/files/a");
        byte[] bytes = Files.readAllBytes(own);
        bytes[17] ^= 1;
        Files.write(own, bytes);
        SnapshotArrival arrival = arrival(10);
        transfer(arrival, 10);

        IOException refused = assertThrows(IOException.class, arrival::assemble);
        assertTrue(String.valueOf(refused.getMessage()).contains("this member's own copy is damaged"));
        SnapshotArrival again = arrival(10);
        transfer(again, 10);
        commit(again);

        assertReceived(10);
        assertEquals(2_500, again.receivedBytes());
    }

    @Test
    void aCutCopyOfItsOwnIsNeverWrittenTo() throws IOException {
        take(receiver, 5, "a");
        take(sender, 10, "a");
        Path own = directory.resolve("receiver/snapshots/5-3/files/a");
        Files.write(own, new byte[] {1, 2, 3});

        SnapshotArrival arrival = arrival(10);
        transfer(arrival, 10);
        commit(arrival);

        assertReceived(10);
        assertFalse(Files.exists(own), "the older snapshot went whole, when the newer one was there");
    }

    @Test
    void aSenderThatEndsTooSoonOrSendsTooMuchIsNotBelieved() throws IOException {
        take(sender, 10, "a");
        SnapshotArrival arrival = arrival(10);
        transfer(arrival, 10, 100);
        assertThrows(IOException.class, arrival::assemble);

        transfer(arrival, 10);
        assertThrows(IOException.class, () -> arrival.receive(ByteBuffer.wrap(new byte[1])));
    }

    @Test
    void twoFilesOfOneNameAreRefused() {
        SnapshotFile file = new SnapshotFile("a", 1, "0".repeat(64));
        SnapshotFile other = new SnapshotFile("a", 1, "1".repeat(64));

        assertThrows(IOException.class, () -> arrival(10).begin(List.of(file, other)));
    }

    @Test
    void oneContentOfTwoSizesIsRefused() {
        SnapshotFile file = new SnapshotFile("a", 1, "0".repeat(64));
        SnapshotFile other = new SnapshotFile("b", 2, "0".repeat(64));

        assertThrows(IOException.class, () -> arrival(10).begin(List.of(file, other)));
    }

    @Test
    void aSnapshotThatDoesNotFitOnTheDiskIsNotBegun() throws IOException {
        SnapshotFile huge = new SnapshotFile("a", 1L << 60, "0".repeat(64));

        IOException refused = assertThrows(IOException.class, () -> arrival(10).begin(List.of(huge)));

        assertTrue(String.valueOf(refused.getMessage()).contains("make room, and it goes on by itself"));
    }
}
