package dev.quorate.raft.runtime;

import static dev.quorate.raft.runtime.TestGroup.N1;
import static dev.quorate.raft.runtime.TestGroup.N2;
import static dev.quorate.raft.runtime.TestGroup.N3;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.RaftRole;
import dev.quorate.raft.model.NodeId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of requests while nobody leads. */
final class NoLeaderTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private static RaftNode.Options leaderWait(RaftNode.Options options, Duration wait) {
        return new RaftNode.Options(
                options.raft(),
                options.initialMembership(),
                options.directory(),
                options.mailboxCapacity(),
                options.maxCommandBytes(),
                LONG,
                options.snapshotEveryEntries(),
                wait);
    }

    @Test
    void requestsThatComeBeforeTheFirstElectionAreDoneAfterIt() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3).with(plain -> leaderWait(plain, LONG))) {
            group.start(N1);
            CompletableFuture<String> first = group.propose(N1, "first");
            CompletableFuture<String> second = group.propose(N1, "second");
            CompletableFuture<Long> read = group.node(N1).readIndex();

            group.start(N2);
            group.start(N3);

            assertEquals("1:first", Await.value(first));
            assertEquals("2:second", Await.value(second));
            assertTrue(Await.value(read) > 0);
        }
    }

    @Test
    void requestsThatNoLeaderTakesEndDefinitelyWhenTheWaitIsOver() throws IOException {
        try (TestGroup group =
                TestGroup.of(directory, N1, N2, N3).with(plain -> leaderWait(plain, Duration.ofMillis(100)))) {
            group.start(N1);

            CompletableFuture<String> proposal = group.propose(N1, "never");
            CompletableFuture<Long> read = group.node(N1).readIndex();

            RaftException.NotLeader refused = Await.failure(RaftException.NotLeader.class, proposal);
            assertTrue(refused.isDefinite());
            assertEquals(null, refused.leader());
            assertTrue(Await.failure(RaftException.NotLeader.class, read).isDefinite());

            group.start(N2);
            group.start(N3);
            assertEquals("1:later", group.put("later"));
        }
    }

    @Test
    void moreThanMayWaitIsRefusedAtOnce() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3)
                .tuned(config -> config.maxUncommittedBytes(1))
                .with(plain -> leaderWait(plain, LONG))) {
            group.start(N1);
            CompletableFuture<String> waits = group.propose(N1, "waits");

            assertTrue(Await.failure(RaftException.Overloaded.class, group.propose(N1, "tooMuch"))
                    .isDefinite());

            group.start(N2);
            group.start(N3);
            assertEquals("1:waits", Await.value(waits));
        }
    }

    @Test
    void whoWaitsForALeaderWhenTheNodeIsClosedIsToldThatNothingHappened() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3).with(plain -> leaderWait(plain, LONG))) {
            group.start(N1);
            CompletableFuture<String> proposal = group.propose(N1, "never");
            CompletableFuture<Long> read = group.node(N1).readIndex();
            Await.until(
                    "the raft thread to have turned",
                    () -> group.node(N1).status().role() == RaftRole.CANDIDATE);

            group.stop(N1);

            assertTrue(Await.failure(RaftException.Stopped.class, proposal).isDefinite());
            assertTrue(Await.failure(RaftException.Stopped.class, read).isDefinite());
        }
    }

    @Test
    void aReadThatLosesItsLeaderIsConfirmedByTheNext() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3)
                .with(plain -> leaderWait(plain, LONG))
                .startAll()) {
            NodeId old = group.leader();
            group.put("before");
            List<NodeId> others =
                    List.of(N1, N2, N3).stream().filter(id -> !id.equals(old)).toList();
            // What the leader asks gets through, the answers do not: it steps down with the read unconfirmed.
            others.forEach(other -> group.network.cut(other, old));
            CompletableFuture<Long> read = group.node(old).readIndex();
            Await.until(
                    "the leader to step down", () -> group.node(old).status().role() != RaftRole.LEADER);
            assertFalse(read.isDone());

            group.network.heal();

            assertTrue(Await.value(read) >= 2);
        }
    }
}
