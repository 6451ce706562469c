package dev.quorate.raft.runtime;

import static dev.quorate.raft.runtime.TestGroup.N1;
import static dev.quorate.raft.runtime.TestGroup.N2;
import static dev.quorate.raft.runtime.TestGroup.N3;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.RaftRole;
import dev.quorate.raft.model.NodeId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an embedder may rely on, on three real nodes. */
final class RaftNodeTest {

    @TempDir
    Path directory;

    @Test
    void everyNodeAppliesTheSameCommandsInTheSameOrder() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3).startAll()) {
            NodeId leader = group.leader();
            List<CompletableFuture<String>> answers = new ArrayList<>();
            List<String> commands = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                commands.add("c" + i);
                answers.add(group.propose(leader, "c" + i));
            }

            for (int i = 0; i < answers.size(); i++) {
                assertEquals((i + 1) + ":c" + i, Await.value(answers.get(i)));
            }
            for (NodeId id : List.of(N1, N2, N3)) {
                group.awaitLedger(id, commands);
            }
        }
    }

    @Test
    void aFollowerPassesProposalsOnAndAnswersThemItself() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3).startAll()) {
            NodeId follower = group.follower();

            assertEquals("1:x", group.put(() -> follower, "x"));

            assertEquals(List.of("x"), group.ledger(follower).commands());
        }
    }

    @Test
    void aLinearizableReadOnAnyNodeSeesWhatWasAcknowledgedOnAnother() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3).startAll()) {
            for (int round = 0; round < 20; round++) {
                group.put("r" + round);
                for (NodeId id : List.of(N1, N2, N3)) {
                    long index = Await.value(group.node(id).readIndex());
                    assertTrue(group.ledger(id).commands().contains("r" + round), () -> id + " read at " + index);
                }
            }
        }
    }

    @Test
    void aGroupOfOneWorks() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1).startAll()) {
            assertEquals("1:x", group.put("x"));
            assertTrue(Await.value(group.node(N1).readIndex()) >= 2, "the no-op and the command");
        }
    }

    @Test
    void aCommandBeyondTheLimitIsRefusedAtOnceAndForSure() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1)
                .with(plain -> new RaftNode.Options(
                        plain.raft(),
                        plain.initialMembership(),
                        plain.directory(),
                        16,
                        10,
                        Duration.ofSeconds(5),
                        10,
                        plain.leaderWait()))
                .startAll()) {
            RaftException failure =
                    Await.failure(RaftException.TooLarge.class, group.node(N1).propose(new byte[11]));

            assertTrue(failure.isDefinite());
            assertTrue(String.valueOf(failure.getMessage()).contains("11 bytes"), failure::getMessage);
            assertEquals("1:0123456789", group.put("0123456789"));
        }
    }

    @Test
    void aLeaderThatCannotCommitTakesInOnlySoMuch() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1)
                .tuned(config -> config.maxUncommittedBytes(40))
                .startAll()) {
            group.put("before");
            group.disk(N1).holdSyncs();
            CompletableFuture<String> first = group.propose(N1, "first");
            CompletableFuture<String> second = group.propose(N1, "second");

            assertTrue(Await.failure(RaftException.Overloaded.class, second).isDefinite());

            group.disk(N1).releaseSyncs();
            assertEquals("2:first", Await.value(first));
            assertEquals("3:third", group.put("third"));
        }
    }

    @Test
    void statusShowsTheLeaderAndHowFarEverybodyIs() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3).startAll()) {
            NodeId leader = group.leader();
            group.put("x");

            assertEquals(RaftRole.LEADER, group.node(leader).status().role());
            long last = group.node(leader).status().lastIndex();
            assertEquals(last, group.node(leader).status().commitIndex());
            assertEquals(last, group.node(leader).status().appliedIndex());
            Await.until(
                    "everybody to match",
                    () -> group.node(leader).status().matchIndex().values().stream()
                            .allMatch(match -> match == last));
        }
    }

    @Test
    void aProposalThatCannotCommitEndsAsUnknownWhenItsTimeIsOver() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3)
                .with(plain -> TestGroup.timeout(plain, Duration.ofMillis(200)))
                .startAll()) {
            NodeId leader = group.leader();
            group.put("before");
            group.network.isolate(leader);

            RaftException failure = Await.failure(RaftException.OutcomeUnknown.class, group.propose(leader, "lost"));

            assertFalse(failure.isDefinite());
        }
    }

    @Test
    void aReadThatNobodyConfirmsEndsWhenItsTimeIsOver() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3)
                .tuned(config -> config.electionTimeout(Duration.ofSeconds(1)))
                .with(plain -> TestGroup.timeout(plain, Duration.ofMillis(200)))
                .startAll()) {
            NodeId leader = group.leader();
            group.put("before");
            group.network.isolate(leader);

            RaftException failure = Await.failure(
                    RaftException.ReadNotConfirmed.class, group.node(leader).readIndex());

            assertTrue(failure.isDefinite(), failure::getMessage);
        }
    }

    @Test
    void whatADeposedLeaderTookInIsLostForSureOnceAnotherEntryHasItsPlace() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3)
                .with(plain -> TestGroup.timeout(plain, Duration.ofSeconds(25)))
                .startAll()) {
            NodeId old = group.leader();
            group.put("before");
            group.network.isolate(old);
            CompletableFuture<String> lost = group.propose(old, "lost");
            Await.until(
                    "another leader",
                    () -> group.nodes.entrySet().stream()
                            .anyMatch(each -> !each.getKey().equals(old)
                                    && each.getValue().status().role() == RaftRole.LEADER));
            Await.until(
                    "the old leader to step down",
                    () -> group.node(old).status().role() != RaftRole.LEADER);
            group.network.heal();
            group.put("after");

            RaftException failure = Await.failure(RaftException.NotLeader.class, lost);

            assertTrue(failure.isDefinite());
            group.awaitLedger(old, List.of("before", "after"));
        }
    }

    @Test
    void nobodyIsLeftWaitingWhenANodeIsClosed() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3).startAll()) {
            NodeId leader = group.leader();
            group.put("before");
            group.network.isolate(leader);
            RaftNode<String> node = group.node(leader);
            List<CompletableFuture<?>> answers = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                answers.add(group.propose(leader, "p" + i));
                answers.add(node.readIndex());
            }

            group.stop(leader);
            group.stop(group.nodes.keySet().iterator().next());

            for (CompletableFuture<?> answer : answers) {
                Await.failure(RaftException.class, answer);
            }
            assertTrue(Await.failure(RaftException.Stopped.class, node.propose(new byte[1]))
                    .isDefinite());
            Await.failure(RaftException.Stopped.class, node.readIndex());
            Await.failure(RaftException.Stopped.class, node.takeSnapshot());
            assertTrue(group.ledger(leader).isClosed());
            Await.value(node.stopped().handle((nothing, failure) -> failure == null));
            node.close();
        }
    }

    @Test
    void aNodeMayBeClosedFromACallbackOfItsOwn() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1).startAll()) {
            group.leader();
            RaftNode<String> node = group.node(N1);
            CompletableFuture<Void> closed = group.propose(N1, "last").thenAccept(result -> node.close());

            Await.value(closed.thenApply(nothing -> true));
            Await.value(node.stopped().thenApply(nothing -> true));
        }
    }

    @Test
    void aNodeThatCannotStartClosesWhatItWasGiven() {
        Ledger ledger = new Ledger();
        InMemoryNetwork network = new InMemoryNetwork();
        network.transport(N1);
        DurableLog broken = new FailingLog(new InMemoryLog(), Integer.MAX_VALUE) {
            @Override
            public dev.quorate.raft.model.Recovered recover(dev.quorate.raft.model.Membership initial)
                    throws IOException {
                throw new IOException("no such disk");
            }
        };
        RaftNode.Options options = RaftNode.Options.of(
                dev.quorate.raft.RaftConfig.of(N1, 1), dev.quorate.raft.model.Membership.of(List.of(N1)), directory);

        IOException failure =
                assertThrows(IOException.class, () -> RaftNode.start(options, broken, network.transport(N1), ledger));

        assertEquals("no such disk", failure.getMessage());
        assertTrue(ledger.isClosed());
    }
}
