package dev.quorate.raft.runtime;

import static dev.quorate.raft.runtime.TestGroup.N1;
import static dev.quorate.raft.runtime.TestGroup.N2;
import static dev.quorate.raft.runtime.TestGroup.N3;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.NodeId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When going on could break a promise, a node stops itself. */
final class FenceTest {

    @TempDir
    Path directory;

    private final Map<NodeId, FailingLog> logs = new TreeMap<>();

    private TestGroup group(NodeId... members) throws IOException {
        TestGroup group = TestGroup.of(directory, members);
        for (NodeId id : members) {
            logs.put(id, new FailingLog(group.disk(id), Integer.MAX_VALUE));
        }
        return group.onLogs(this::log).startAll();
    }

    private FailingLog log(NodeId id) {
        FailingLog log = logs.get(id);
        if (log == null) {
            throw new AssertionError("no log for " + id);
        }
        return log;
    }

    @Test
    void aFailedWriteStopsTheNodeAndIsNeitherAcknowledgedNorTriedAgain() throws IOException {
        try (TestGroup group = group(N1)) {
            group.put("before");
            log(N1).failAfter(0);

            CompletableFuture<String> lost = group.propose(N1, "lost");

            assertFalse(Await.failure(RaftException.OutcomeUnknown.class, lost).isDefinite());
            IllegalStateException cause =
                    Await.failure(IllegalStateException.class, group.node(N1).stopped());
            assertInstanceOf(IOException.class, cause.getCause());
            assertTrue(String.valueOf(cause.getMessage()).contains("writing the log failed"), cause::getMessage);
            assertEquals(0, log(N1).writesAfterFailure());
            Await.failure(RaftException.Stopped.class, group.propose(N1, "later"));
            assertEquals(List.of("before"), group.ledger(N1).commands());
        }
    }

    @Test
    void theOthersGoOnWhenALeaderFencesItself() throws IOException {
        try (TestGroup group = group(N1, N2, N3)) {
            group.put("before");
            NodeId leader = group.leader();
            log(leader).failAfter(0);

            // Its followers may have written the entry, so it may be applied, but this node must not say so.
            Await.failure(RaftException.class, group.propose(leader, "x"));
            Await.failure(IllegalStateException.class, group.node(leader).stopped());
            group.stop(leader);

            group.put("after");
            List<String> commands = group.ledger(group.leader()).commands();
            assertEquals("before", commands.get(0));
            assertEquals("after", commands.get(commands.size() - 1));
        }
    }

    @Test
    void aStateMachineThatThrowsStopsTheNode() throws IOException {
        try (TestGroup group = group(N1)) {
            group.put("before");

            CompletableFuture<String> poisoned = group.propose(N1, Ledger.POISON);

            Await.failure(RaftException.OutcomeUnknown.class, poisoned);
            IllegalStateException cause =
                    Await.failure(IllegalStateException.class, group.node(N1).stopped());
            assertTrue(String.valueOf(cause.getMessage()).contains("cannot apply poison"), cause::getMessage);
            assertTrue(group.ledger(N1).isClosed());
        }
    }

    @Test
    void aNodeWhoseLogWasLostDoesNotComeBackWithoutItsVotes() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1).startAll()) {
            group.putAll("c", 5);
            Await.value(group.node(N1).takeSnapshot());
            group.stop(N1);
            group.disks.clear();

            for (int attempt = 0; attempt < 2; attempt++) {
                IOException refusal = assertThrows(IOException.class, () -> group.start(N1));
                assertTrue(String.valueOf(refusal.getMessage()).contains("the log was lost"), refusal::getMessage);
            }
        }
    }
}
