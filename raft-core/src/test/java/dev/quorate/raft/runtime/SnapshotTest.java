package dev.quorate.raft.runtime;

import static dev.quorate.raft.runtime.TestGroup.N1;
import static dev.quorate.raft.runtime.TestGroup.N2;
import static dev.quorate.raft.runtime.TestGroup.N3;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.Persist;
import dev.quorate.raft.model.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots on real nodes: taken, restored at a restart, sent to a follower, and interrupted. */
final class SnapshotTest {

    private static final long EVERY = 40;
    private static final long TRAILING = 10;

    @TempDir
    Path directory;

    private TestGroup group(NodeId... members) {
        return TestGroup.of(directory, members)
                .tuned(config -> config.trailingEntries(TRAILING))
                .with(plain -> TestGroup.snapshotEvery(plain, EVERY));
    }

    @Test
    void theLogShrinksBehindASnapshotThatWasAskedFor() throws IOException {
        try (TestGroup group = group(N1).startAll()) {
            group.putAll("c", 30);

            long index = Await.value(group.node(N1).takeSnapshot());

            assertEquals(31, index); // the no-op and 30 commands
            Await.until("the log to shrink", () -> group.disk(N1).firstIndex() == index - TRAILING + 1);
            assertEquals(index, Await.value(group.node(N1).takeSnapshot()));
        }
    }

    @Test
    void nothingAppliedNeedsNoSnapshot() throws IOException {
        try (TestGroup group = group(N1, N2, N3)) {
            group.start(N1); // alone it gets nowhere

            assertEquals(0, Await.value(group.node(N1).takeSnapshot()));
        }
    }

    @Test
    void snapshotsComeByThemselvesAndOnlyTheNewestIsKept() throws IOException {
        try (TestGroup group = group(N1).startAll()) {
            group.putAll("c", 5 * (int) EVERY);

            Await.until("the log to shrink", () -> group.disk(N1).firstIndex() > 4 * EVERY - TRAILING);
            Await.until("old snapshots to go", () -> snapshotsOf(N1).size() == 1);
        }
    }

    private List<String> snapshotsOf(NodeId id) {
        try (Stream<Path> children = Files.list(directory.resolve(id.value()).resolve("snapshots"))) {
            return children.map(path -> path.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aRestartRestoresTheSnapshotAndAppliesWhatCameAfterIt() throws IOException {
        try (TestGroup group = group(N1).startAll()) {
            List<String> commands = new ArrayList<>(group.putAll("a", 30));
            Await.value(group.node(N1).takeSnapshot());
            commands.addAll(group.putAll("b", 7));
            group.stop(N1);

            group.start(N1);

            group.awaitLedger(N1, commands);
            assertEquals(1, group.ledger(N1).restored());
        }
    }

    @Test
    void aFollowerThatTheLogLeftBehindGetsTheSnapshot() throws IOException {
        try (TestGroup group = group(N1, N2, N3).startAll()) {
            NodeId away = group.follower();
            group.stop(away);
            List<String> commands = new ArrayList<>(group.putAll("a", 3 * (int) EVERY));
            Await.until(
                    "the leader's log to shrink",
                    () -> group.disk(group.leader()).firstIndex() > EVERY - TRAILING);

            group.start(away);
            group.awaitLedger(away, commands);
            assertTrue(group.ledger(away).restored() > 0);

            commands.addAll(group.putAll("b", 5));
            group.awaitLedger(away, commands);
            assertEquals(commands.size() + 1 + ":c", group.put(() -> away, "c"));
        }
    }

    @Test
    void aCrashBetweenTakingTheSnapshotOverAndResettingTheLogIsPutRight() throws IOException {
        try (TestGroup group = group(N1, N2, N3).startAll()) {
            NodeId away = group.follower();
            group.putAll("x", 3);
            Await.until("it to apply something", () -> group.ledger(away).size() == 3);
            group.stop(away);
            group.putAll("a", 3 * (int) EVERY);
            Await.until(
                    "the leader's log to shrink",
                    () -> group.disk(group.leader()).firstIndex() > EVERY - TRAILING);

            group.onLogs(id -> new LosesItsReset(group.disk(id))).start(away);
            Await.failure(IllegalStateException.class, group.node(away).stopped());
            assertEquals(1, group.ledger(away).restored());
            long logEnd = group.disk(away).lastIndex();
            group.stop(away);
            assertTrue(logEnd <= EVERY - TRAILING, "the old log is still there, up to " + logEnd);

            group.onLogs(group::disk).start(away);

            assertTrue(group.disk(away).firstIndex() > logEnd, "the log starts after the snapshot");
            group.put("after");
            group.awaitLedger(away, group.ledger(group.leader()).commands());
        }
    }

    /** Loses its power in the write that would reset it. */
    private static final class LosesItsReset extends FailingLog {
        private final InMemoryLog disk;

        LosesItsReset(InMemoryLog disk) {
            super(disk, Integer.MAX_VALUE);
            this.disk = disk;
        }

        @Override
        public void write(List<Persist> batch) throws IOException {
            if (batch.stream().anyMatch(persist -> persist.resetTo() != null)) {
                disk.crash();
            }
            super.write(batch);
        }
    }

    @Test
    void aSnapshotThatCannotBeWrittenCostsOnlyTheCompaction() throws IOException {
        try (TestGroup group = group(N1).startAll()) {
            group.putAll("a", 5);
            group.ledger(N1).failToSave(true);
            Await.failure(IOException.class, group.node(N1).takeSnapshot());

            group.ledger(N1).failToSave(false);
            assertEquals("6:b", group.put("b"));
            assertEquals(7, Await.value(group.node(N1).takeSnapshot()));
        }
    }
}
