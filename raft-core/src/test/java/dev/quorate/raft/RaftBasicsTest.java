package dev.quorate.raft;

import static dev.quorate.raft.TestCluster.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The life of a group: elections, replication, commits, reads, crashes. */
class RaftBasicsTest {

    @Test
    void aSingleMemberElectsItselfAndCommits() {
        TestCluster cluster = new TestCluster(1);

        TestCluster.Node leader = cluster.elect(1);
        leader.raft.propose(1, List.of(bytes("x")));
        cluster.settle();

        assertEquals(List.of("x"), leader.appliedCommands());
    }

    @Test
    void aNewGroupDoesNotWaitAWholeTimeoutForALeaderThatItCannotHave() {
        TestCluster cluster = new TestCluster(3);

        cluster.pass(TestCluster.ELECTION / 2 + TestCluster.HEARTBEAT);

        assertTrue(cluster.nodes.values().stream().anyMatch(TestCluster.Node::leads));
    }

    @Test
    void aGroupThatStartsAgainWaitsForTheLeaderThatItMayHave() {
        TestCluster cluster = new TestCluster(3);
        cluster.elect(1);
        cluster.nodes.values().forEach(TestCluster.Node::crash);

        cluster.pass(TestCluster.ELECTION - TestCluster.HEARTBEAT);

        assertTrue(cluster.nodes.values().stream().noneMatch(TestCluster.Node::leads));
    }

    @Test
    void everyMemberAppliesTheSameCommandsInTheSameOrder() {
        TestCluster cluster = new TestCluster(3);
        TestCluster.Node leader = cluster.elect(1);

        leader.raft.propose(1, List.of(bytes("a"), bytes("b")));
        leader.raft.propose(3, List.of(bytes("c")));
        cluster.settle();

        cluster.nodes
                .values()
                .forEach(node -> assertEquals(List.of("a", "b", "c"), node.appliedCommands(), "" + node.id));
    }

    @Test
    void thousandProposalsOfOneBatchLeaveAsOneWriteAndOneAppendPerFollower() {
        TestCluster cluster = new TestCluster(3);
        TestCluster.Node leader = cluster.elect(1);

        leader.raft.propose(
                1, IntStream.range(0, 1000).mapToObj(i -> bytes("v" + i)).toList());
        Output output = leader.raft.takeOutput();

        assertEquals(
                1000,
                java.util.Objects.requireNonNull(output.persist()).entries().size());
        assertEquals(
                2,
                output.send().stream()
                        .filter(m -> m instanceof Message.AppendEntries)
                        .count());
        assertEquals(1000, output.accepted().size());
    }

    @Test
    void entriesLeaveWhileTheLeadersDiskIsStillWriting() {
        TestCluster cluster = new TestCluster(3);
        TestCluster.Node leader = cluster.elect(1);
        leader.diskWorks = false;

        leader.raft.propose(1, List.of(bytes("x")));
        cluster.settle();

        // two followers are a quorum of three: committed, but not applied here before it is durable here
        assertEquals(leader.raft.status().lastIndex(), leader.raft.status().commitIndex());
        assertEquals(List.of(), leader.appliedCommands());
        leader.diskWorks = true;
        cluster.settle();
        assertEquals(List.of("x"), leader.appliedCommands());
    }

    @Test
    void aFollowerAcknowledgesOnlyWhatIsDurable() {
        TestCluster cluster = new TestCluster(3);
        TestCluster.Node leader = cluster.elect(1);
        cluster.node(2).diskWorks = false;
        cluster.node(3).diskWorks = false;

        leader.raft.propose(1, List.of(bytes("x")));
        cluster.settle();

        assertTrue(leader.raft.status().commitIndex() < leader.raft.status().lastIndex());
        assertEquals(List.of(), leader.appliedCommands());
    }

    @Test
    void proposalsToAFollowerReachTheLeaderAndComeBackWithTheirPlace() {
        TestCluster cluster = new TestCluster(3);
        cluster.elect(1);
        TestCluster.Node follower = cluster.node(2);

        follower.raft.propose(7, List.of(bytes("a"), bytes("b")));
        cluster.settle();

        List<Output.Accepted> accepted = new ArrayList<>();
        follower.outputs.forEach(output -> accepted.addAll(output.accepted()));
        assertEquals(
                List.of(7L, 8L),
                accepted.stream().map(Output.Accepted::proposalId).toList());
        assertEquals(List.of("a", "b"), follower.appliedCommands());
        assertEquals(
                follower.applied.stream()
                        .filter(e -> e.type() == Entry.Type.COMMAND)
                        .map(Entry::id)
                        .toList(),
                accepted.stream().map(Output.Accepted::position).toList());
    }

    @Test
    void aRepeatedForwardIsAppendedOnce() {
        TestCluster cluster = new TestCluster(3);
        TestCluster.Node leader = cluster.elect(1);
        cluster.node(2).raft.propose(7, List.of(bytes("once")));
        cluster.settle();
        Message.Propose forward = cluster.node(2).sent.stream()
                .filter(m -> m instanceof Message.Propose)
                .map(m -> (Message.Propose) m)
                .findFirst()
                .orElseThrow();

        leader.raft.receive(forward);
        cluster.settle();

        assertEquals(List.of("once"), leader.appliedCommands());
    }

    @Test
    void withoutALeaderProposalsAndReadsAreRefusedDefinitely() {
        TestCluster cluster = new TestCluster(3);

        cluster.node(1).raft.propose(1, List.of(bytes("x")));
        cluster.node(1).raft.readIndex(2);
        Output output = cluster.node(1).raft.takeOutput();

        assertEquals(2, output.rejected().size());
        output.rejected().forEach(rejected -> assertTrue(rejected.reason().isDefinite()));
    }

    @Test
    void readsAreConfirmedOnEveryMember() {
        TestCluster cluster = new TestCluster(3);
        TestCluster.Node leader = cluster.elect(1);
        leader.raft.propose(1, List.of(bytes("x")));
        cluster.settle();

        for (TestCluster.Node node : cluster.nodes.values()) {
            node.outputs.clear();
            node.raft.readIndex(42);
            cluster.settle();
            List<Output.ReadState> reads = new ArrayList<>();
            node.outputs.forEach(output -> reads.addAll(output.reads()));
            assertEquals(List.of(new Output.ReadState(42, leader.raft.status().commitIndex())), reads, "" + node.id);
        }
    }

    @Test
    void anIsolatedLeaderConfirmsNoReadAndStepsDown() {
        TestCluster cluster = new TestCluster(3);
        TestCluster.Node leader = cluster.elect(1);
        cluster.isolate(1);
        leader.outputs.clear();

        leader.raft.readIndex(42);
        cluster.pass(3 * TestCluster.ELECTION);

        assertFalse(leader.leads());
        assertTrue(leader.outputs.stream().allMatch(output -> output.reads().isEmpty()));
        assertTrue(leader.outputs.stream()
                .anyMatch(output -> output.rejected().stream().anyMatch(rejected -> rejected.id() == 42)));
    }

    @Test
    void aMemberThatWasCutOffDoesNotDeposeTheLeader() {
        TestCluster cluster = new TestCluster(3);
        TestCluster.Node leader = cluster.elect(1);
        long term = leader.raft.status().term();
        cluster.isolate(3);
        cluster.pass(20 * TestCluster.ELECTION);

        cluster.heal();
        cluster.pass(5 * TestCluster.ELECTION);

        assertTrue(leader.leads());
        assertEquals(term, leader.raft.status().term());
        assertEquals(
                leader.raft.status().commitIndex(),
                cluster.node(3).raft.status().commitIndex());
    }

    @Test
    void anUncommittedTailIsReplacedByTheNextLeaders() {
        TestCluster cluster = new TestCluster(3);
        TestCluster.Node old = cluster.elect(1);
        cluster.isolate(1);
        old.raft.propose(1, List.of(bytes("lost1"), bytes("lost2"), bytes("lost3")));
        cluster.settle();

        cluster.pass(3 * TestCluster.ELECTION);
        TestCluster.Node leader = cluster.node(2).leads() ? cluster.node(2) : cluster.node(3);
        leader.raft.propose(1, List.of(bytes("kept")));
        cluster.settle();
        cluster.heal();
        cluster.pass(3 * TestCluster.ELECTION);

        cluster.nodes.values().forEach(node -> assertEquals(List.of("kept"), node.appliedCommands(), "" + node.id));
        assertEquals(leader.disk, old.disk);
    }

    @Test
    void everythingCommittedSurvivesACrashOfAll() {
        TestCluster cluster = new TestCluster(3);
        cluster.elect(1).raft.propose(1, List.of(bytes("x")));
        cluster.settle();

        cluster.nodes.values().forEach(TestCluster.Node::crash);
        cluster.elect(2).raft.propose(2, List.of(bytes("y")));
        cluster.settle();

        cluster.nodes.values().forEach(node -> assertEquals(List.of("x", "y"), node.appliedCommands(), "" + node.id));
    }

    @Test
    void aLostLastAppendIsNoticedWithoutNewEntries() {
        TestCluster cluster = new TestCluster(3);
        TestCluster.Node leader = cluster.elect(1);
        cluster.filter = message -> !(message instanceof Message.AppendEntries);
        leader.raft.propose(1, List.of(bytes("x")));
        cluster.settle();

        cluster.filter = message -> true;
        cluster.pass(5 * TestCluster.HEARTBEAT);

        cluster.nodes.values().forEach(node -> assertEquals(List.of("x"), node.appliedCommands(), "" + node.id));
    }

    @Test
    void aSlowFollowerIsServedFromTheDurableLog() {
        TestCluster cluster = new TestCluster(
                3, RaftConfig.builder(dev.quorate.raft.model.NodeId.of("t"), 0).maxWindowBytes(0));
        TestCluster.Node leader = cluster.elect(1);
        cluster.isolate(3);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            expected.add("v" + i);
            leader.raft.propose(i, List.of(bytes("v" + i)));
            cluster.settle();
        }

        cluster.heal();
        cluster.pass(3 * TestCluster.ELECTION);

        assertEquals(expected, cluster.node(3).appliedCommands());
        assertTrue(leader.outputs.stream().anyMatch(output -> !output.fetch().isEmpty()));
    }

    @Test
    void aFollowerBehindTheCompactedLogIsOfferedASnapshotAndGoesOnFromThere() {
        TestCluster cluster = new TestCluster(
                3,
                RaftConfig.builder(dev.quorate.raft.model.NodeId.of("t"), 0)
                        .maxWindowBytes(0)
                        .trailingEntries(0));
        TestCluster.Node leader = cluster.elect(1);
        cluster.isolate(3);
        for (int i = 0; i < 10; i++) {
            leader.raft.propose(i, List.of(bytes("v" + i)));
            cluster.settle();
        }
        EntryId applied = leader.applied.get(leader.applied.size() - 1).id();
        SnapshotMeta snapshot = new SnapshotMeta(applied, leader.base.membership());
        leader.raft.snapshotTaken(snapshot);
        cluster.settle();
        assertEquals(applied.index() + 1, leader.raft.status().firstIndex());

        cluster.heal();
        cluster.pass(TestCluster.ELECTION);
        TestCluster.Node late = cluster.node(3);
        assertTrue(late.outputs.stream()
                .anyMatch(o -> o.install() != null && o.install().snapshot().equals(snapshot)));
        late.raft.snapshotInstalled(snapshot);
        leader.raft.propose(100, List.of(bytes("after")));
        cluster.pass(TestCluster.ELECTION);

        assertEquals(List.of("after"), late.appliedCommands());
        assertEquals(snapshot, late.base);
    }

    @Test
    void aLeaderWhoseConnectionsBrokeIsReplacedBeforeItsSilenceIsConspicuous() {
        TestCluster cluster = new TestCluster(3);
        cluster.elect(1);
        cluster.isolate(1);

        cluster.node(2).raft.unreachable(cluster.node(1).id);
        cluster.node(3).raft.unreachable(cluster.node(1).id);
        cluster.pass(TestCluster.ELECTION / 2 + TestCluster.HEARTBEAT);

        assertTrue(cluster.node(2).leads() || cluster.node(3).leads());
    }

    @Test
    void aFollowerThatAloneLostItsConnectionDeposesNobody() {
        TestCluster cluster = new TestCluster(3);
        TestCluster.Node leader = cluster.elect(1);
        long term = leader.raft.status().term();
        cluster.isolate(3);

        cluster.node(3).raft.unreachable(leader.id);
        cluster.pass(3 * TestCluster.ELECTION);
        cluster.heal();
        cluster.pass(TestCluster.ELECTION);

        assertTrue(leader.leads());
        assertEquals(term, leader.raft.status().term());
    }
}
