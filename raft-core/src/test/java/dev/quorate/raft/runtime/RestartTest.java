package dev.quorate.raft.runtime;

import static dev.quorate.raft.runtime.TestGroup.N1;
import static dev.quorate.raft.runtime.TestGroup.N2;
import static dev.quorate.raft.runtime.TestGroup.N3;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quorate.raft.model.NodeId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is there again after nodes were closed, or lost their power. */
final class RestartTest {

    private static final List<NodeId> ALL = List.of(N1, N2, N3);

    @TempDir
    Path directory;

    @Test
    void aStateMachineInMemoryGetsItsStateBackFromTheLog() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3).startAll()) {
            List<String> commands = new ArrayList<>(group.putAll("a", 20));
            for (NodeId id : ALL) {
                group.stop(id);
            }

            group.startAll();
            commands.addAll(group.putAll("b", 5));

            for (NodeId id : ALL) {
                group.awaitLedger(id, commands);
            }
        }
    }

    @Test
    void everythingAcknowledgedSurvivesAPowerFailureOfAllNodes() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3).startAll()) {
            List<String> acknowledged = group.putAll("a", 20);
            group.disks.values().forEach(InMemoryLog::crash);
            for (NodeId id : ALL) {
                group.stop(id);
            }

            group.startAll();
            group.put("after");

            for (NodeId id : ALL) {
                Await.until(
                        id + " to catch up", () -> group.ledger(id).commands().contains("after"));
                assertEquals(acknowledged, group.ledger(id).commands().subList(0, acknowledged.size()));
            }
        }
    }

    @Test
    void whatNeverReachedTheDiskIsGoneAndWasNeverAcknowledged() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1).startAll()) {
            group.put("before");
            group.disk(N1).holdSyncs();
            CompletableFuture<String> lost = group.propose(N1, "lost");
            Await.until(
                    "the log to hold it in memory",
                    () -> group.node(N1).status().lastIndex() == 3);

            group.disk(N1).crash();
            Await.failure(RaftException.OutcomeUnknown.class, lost);
            group.stop(N1);
            group.start(N1);

            group.put("after");
            assertEquals(List.of("before", "after"), group.ledger(N1).commands());
        }
    }

    @Test
    void aFollowerThatWasAwayGetsTheEntriesItMissed() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3)
                .tuned(config -> config.maxWindowBytes(0)) // every older entry comes from the disk
                .startAll()) {
            NodeId away = group.follower();
            List<String> commands = new ArrayList<>(group.putAll("a", 5));
            group.stop(away);
            commands.addAll(group.putAll("b", 100));

            group.start(away);

            group.awaitLedger(away, commands);
            assertEquals(0, group.ledger(away).restored());
        }
    }

    @Test
    void aNodeThatWasIsolatedCatchesUp() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3).startAll()) {
            NodeId away = group.follower();
            group.network.isolate(away);
            List<String> commands = group.putAll("a", 20);

            group.network.heal();

            group.awaitLedger(away, commands);
        }
    }
}
