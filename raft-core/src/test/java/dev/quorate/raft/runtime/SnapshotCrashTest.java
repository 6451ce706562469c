package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.Persist;
import dev.quorate.raft.RaftConfig;
import dev.quorate.raft.WriteMark;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A snapshot is taken, or arrives and is installed, and the process dies at one change of the file system after the other:
 * with everything that it wrote still there, and with the loss of all that was not synced. Each time the node must start
 * again, with the state before or the state after.
 */
final class SnapshotCrashTest {

    private static final NodeId N1 = NodeId.of("n1");
    private static final Membership MEMBERS = Membership.of(List.of(N1, NodeId.of("n2")));
    private static final long TERM = 3;
    private static final long OLD = 5;
    private static final long NEW = 20;
    /** More changes than any of the procedures makes. */
    private static final long MOST_CHANGES = 500;

    private interface Procedure {
        void run(Path directory, SnapshotStore store, InMemoryLog log) throws IOException;
    }

    @TempDir
    Path temporary;

    private static SnapshotMeta meta(long index) {
        return new SnapshotMeta(new EntryId(index, TERM), MEMBERS);
    }

    private static byte[] command(long index) {
        return ("c" + index).getBytes(StandardCharsets.UTF_8);
    }

    /** A state machine that has applied so much. */
    private static Ledger ledgerAt(long index) {
        Ledger ledger = new Ledger();
        for (long i = 1; i <= index; i++) {
            ledger.apply(command(i));
        }
        return ledger;
    }

    private static void take(SnapshotStore store, long index) throws IOException {
        SnapshotStore.Draft draft = store.draft();
        ledgerAt(index).snapshot(draft.files());
        Files.writeString(draft.files().resolve("constant"), "in every snapshot");
        store.commit(draft, meta(index));
    }

    /** A log with everything up to an index, from its beginning. */
    private static InMemoryLog logUpTo(long last) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (long index = 1; index <= last; index++) {
            entries.add(Entry.command(index, TERM, command(index)));
        }
        InMemoryLog log = new InMemoryLog();
        log.recover(MEMBERS);
        log.write(List.of(
                new Persist(new HardState(TERM, null), entries, null, null, new WriteMark(1, last), List.of())));
        return log;
    }

    /** Fetches from a member with the new snapshot, installs, and starts the log after it. */
    private void receive(Path directory, SnapshotStore store, InMemoryLog log) throws IOException {
        SnapshotStore sender = SnapshotStore.open(temporary.resolve("sender"));
        try (SnapshotStore.Lease sent = sender.lease(meta(NEW).lastIncluded());
                SnapshotArrival arrival = new SnapshotArrival(meta(NEW), store, line -> {})) {
            for (Transport.SnapshotPart part : arrival.begin(sent.files())) {
                byte[] content = Files.readAllBytes(
                        sent.directory().resolve(sent.files().get(part.file()).name()));
                int half = (int) part.offset() + (content.length - (int) part.offset()) / 2;
                arrival.receive(ByteBuffer.wrap(content, (int) part.offset(), half - (int) part.offset()));
                arrival.receive(ByteBuffer.wrap(content, half, content.length - half));
            }
            store.commit(arrival.assemble(), arrival.manifest());
            store.staging().clear();
        }
        try (SnapshotStore.Lease installed = store.lease(meta(NEW).lastIncluded())) {
            Path scratch = store.scratchCopy(installed);
            ledgerAt(OLD).restore(scratch, NEW);
            DurableFiles.deleteTree(scratch);
        }
        log.write(List.of(new Persist(null, List.of(), meta(NEW), null, new WriteMark(2, NEW), List.of())));
    }

    /** Takes a snapshot and compacts the log up to it. */
    private static void takeAndCompact(Path directory, SnapshotStore store, InMemoryLog log) throws IOException {
        take(store, NEW);
        log.write(List.of(new Persist(null, List.of(), null, meta(NEW), new WriteMark(2, NEW), List.of())));
    }

    /** Returns false if the procedure came to its end before the change at which it was to die. */
    private boolean dies(long crashAt, boolean losesPower, long logEnd, Procedure procedure) throws IOException {
        Path directory = temporary.resolve("node-" + crashAt);
        take(SnapshotStore.open(directory), OLD);
        InMemoryLog log = logUpTo(logEnd);
        CrashingFiles files = new CrashingFiles(Files.createDirectory(temporary.resolve("trash-" + crashAt)), crashAt);
        try {
            Path crashing = files.wrap(directory);
            procedure.run(crashing, SnapshotStore.open(crashing), log);
        } catch (CrashingFiles.Crash e) {
            assertTrue(files.hasCrashed());
        }
        if (losesPower) {
            files.losePower();
        }
        assertRecovers(directory, log, logEnd, "died at change " + crashAt);
        return files.hasCrashed();
    }

    private void assertRecovers(Path directory, InMemoryLog log, long logEnd, String when) throws IOException {
        RaftNode.Options options = RaftNode.Options.of(RaftConfig.of(N1, 1), MEMBERS, directory);
        SnapshotStore store = SnapshotStore.open(directory);
        Ledger ledger = new Ledger();
        StartUp start = StartUp.run(options, log, store, ledger);
        long applied = start.applied().index();
        assertTrue(applied == OLD || applied == NEW, when + ": applied " + applied);
        assertEquals(ledgerAt(applied).commands(), ledger.commands(), when);
        assertTrue(applied == NEW || start.recovered().lastIndex() >= logEnd, when + ": the log is whole");
        assertNotNull(store.newest(), when);
        if (applied == OLD) {
            receive(directory, store, log); // whatever was left behind is not in the way of the next attempt
        }
        assertEquals(meta(NEW), store.newest(), when);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aReceiverDiesAtAnyChange(boolean losesPower) throws IOException {
        take(SnapshotStore.open(temporary.resolve("sender")), NEW);
        long crashAt = 1;
        while (dies(crashAt, losesPower, OLD + 2, this::receive)) {
            crashAt++;
            assertTrue(crashAt < MOST_CHANGES);
        }
        assertTrue(crashAt > 30, "only " + crashAt + " changes");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoTakesASnapshotDiesAtAnyChange(boolean losesPower) throws IOException {
        take(SnapshotStore.open(temporary.resolve("sender")), NEW);
        long crashAt = 1;
        while (dies(crashAt, losesPower, NEW, SnapshotCrashTest::takeAndCompact)) {
            crashAt++;
            assertTrue(crashAt < MOST_CHANGES);
        }
        assertTrue(crashAt > 15, "only " + crashAt + " changes");
    }

    @Test
    void theFilesForgetWhatWasNotSynced() throws IOException {
        CrashingFiles files = new CrashingFiles(Files.createDirectory(temporary.resolve("trash")), MOST_CHANGES);
        Path directory = files.wrap(Files.createDirectory(temporary.resolve("d")));
        Files.writeString(directory.resolve("safe"), "safe");
        DurableFiles.syncTree(directory);
        Files.writeString(directory.resolve("nameless"), "x");
        DurableFiles.sync(directory.resolve("nameless"));
        Files.delete(directory.resolve("safe"));
        Files.writeString(directory.resolve("empty"), "x");

        files.losePower();

        Path real = temporary.resolve("d");
        assertEquals("safe", Files.readString(real.resolve("safe")));
        assertTrue(Files.notExists(real.resolve("nameless")));
        assertTrue(Files.notExists(real.resolve("empty")));
        Files.writeString(directory.resolve("empty"), "x");
        DurableFiles.sync(directory);
        files.losePower();
        assertEquals("", Files.readString(real.resolve("empty")));
    }
}
