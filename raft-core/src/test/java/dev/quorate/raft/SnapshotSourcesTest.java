package dev.quorate.raft;

import static dev.quorate.raft.TestCluster.ELECTION;
import static dev.quorate.raft.TestCluster.HEARTBEAT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.TestCluster.Node;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whom a leader names as the source of a snapshot: n1 leads, n5 is behind. */
final class SnapshotSourcesTest {

    private final TestCluster cluster =
            new TestCluster(5, RaftConfig.builder(NodeId.of("template"), 0).trailingEntries(4));
    private Node leader = cluster.node(1);
    private final Node late = cluster.node(5);

    @BeforeEach
    void theLateOneIsLeftBehind() {
        leader = cluster.elect(1);
        cluster.isolate(5);
        write(20);
    }

    private void write(int count) {
        for (int i = 0; i < count; i++) {
            leader.raft.propose(i, List.of(TestCluster.bytes("v")));
            cluster.settle();
        }
    }

    private SnapshotMeta takeSnapshot(int number) {
        Node node = cluster.node(number);
        EntryId applied = node.applied.get(node.applied.size() - 1).id();
        SnapshotMeta snapshot = new SnapshotMeta(applied, node.base.membership());
        node.raft.snapshotTaken(snapshot);
        cluster.settle();
        return snapshot;
    }

    /** All hear from each other again; answers to heartbeats say who has which snapshot. */
    private void heal() {
        cluster.pass(2 * HEARTBEAT);
        cluster.heal();
        cluster.pass(2 * HEARTBEAT);
    }

    private Output.Install lastInstall(Node node) {
        return node.outputs.stream()
                .map(Output::install)
                .filter(install -> install != null)
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    private Message.InstallSnapshot lastOffer() {
        return leader.sent.stream()
                .filter(Message.InstallSnapshot.class::isInstance)
                .map(Message.InstallSnapshot.class::cast)
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    private void fail() {
        late.raft.snapshotFailed(lastInstall(late).snapshot());
        cluster.pass(2 * HEARTBEAT);
    }

    @Test
    void aFollowerThatHasOneRelievesTheLeader() {
        takeSnapshot(1);
        write(2);
        SnapshotMeta ofThree = takeSnapshot(3);
        heal();

        assertEquals(new Output.Install(cluster.node(3).id, ofThree), lastInstall(late));
        late.raft.snapshotInstalled(ofThree);
        cluster.pass(ELECTION);
        assertEquals(leader.raft.status().commitIndex(), late.raft.status().commitIndex());
    }

    @Test
    void withoutSuchAFollowerItIsTheLeaderItself() {
        SnapshotMeta own = takeSnapshot(1);
        heal();

        assertEquals(new Output.Install(leader.id, own), lastInstall(late));
    }

    @Test
    void aSnapshotThatEndsBeforeTheLogBeginsIsOfNoUse() {
        takeSnapshot(3);
        write(10);
        SnapshotMeta own = takeSnapshot(1);
        heal();

        assertEquals(new Output.Install(leader.id, own), lastInstall(late));
    }

    @Test
    void aFollowerThatDoesNotAnswerIsNotNamed() {
        SnapshotMeta own = takeSnapshot(1);
        takeSnapshot(3);
        cluster.pass(2 * HEARTBEAT);
        cluster.isolate(3);
        cluster.pass(2 * ELECTION);
        cluster.cut.removeIf(link -> link.contains("n5") && !link.contains("n3"));
        cluster.pass(2 * HEARTBEAT);

        assertEquals(new Output.Install(leader.id, own), lastInstall(late));
    }

    @Test
    void whenTheFollowerFailsTheLeaderIsNextAndThenTheFollowerAgain() {
        SnapshotMeta own = takeSnapshot(1);
        SnapshotMeta ofThree = takeSnapshot(3);
        heal();
        assertEquals(cluster.node(3).id, lastInstall(late).source());

        fail();
        assertEquals(new Output.Install(leader.id, own), lastInstall(late));
        fail();
        assertEquals(new Output.Install(cluster.node(3).id, ofThree), lastInstall(late));
    }

    /** Its part of the leader's files is of no use with those of a follower that has taken the same snapshot meanwhile. */
    @Test
    void whoHasBegunGoesOnWithTheSameSource() {
        SnapshotMeta own = takeSnapshot(1);
        heal();
        assertEquals(new Output.Install(leader.id, own), lastInstall(late));
        long offers = offers();

        takeSnapshot(3);
        cluster.pass(2 * ELECTION);
        heal();

        assertTrue(offers() > offers, "offered again");
        assertEquals(leader.id, lastOffer().source());
    }

    private long offers() {
        return leader.sent.stream()
                .filter(Message.InstallSnapshot.class::isInstance)
                .count();
    }

    @Test
    void twoWhoAreBehindAreServedByTwo() {
        cluster.isolate(4);
        write(20);
        takeSnapshot(1);
        takeSnapshot(2);
        takeSnapshot(3);
        heal();

        assertEquals(
                List.of(cluster.node(2).id, cluster.node(3).id),
                List.of(lastInstall(cluster.node(4)).source(), lastInstall(late).source()));
    }

    @Test
    void theNewestIsNamedAndAFollowersClaimIsNoMoreThanAHint() {
        takeSnapshot(1);
        takeSnapshot(2);
        write(2);
        SnapshotMeta newest = takeSnapshot(3);
        heal();
        NodeId newestHolder = cluster.node(3).id;
        assertEquals(new Output.Install(newestHolder, newest), lastInstall(late));

        // says that it has the future, and nothing else any more
        cluster.filter = message ->
                !(message instanceof Message.HeartbeatResult && message.from().equals(newestHolder));
        leader.raft.receive(new Message.HeartbeatResult(
                NodeId.of("n3"), leader.id, leader.raft.status().term(), 1, 1_000_000, 0));
        fail();
        fail();

        assertEquals(cluster.node(2).id, lastOffer().source());
    }
}
