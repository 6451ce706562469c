package dev.quorate.raft;

import static dev.quorate.raft.TestCluster.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the network, the disk and the order of events can do to a member, and what it must make of it. */
class RaftFaultsTest {

    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final NodeId N3 = NodeId.of("n3");

    private final TestCluster cluster = new TestCluster(3);
    private final TestCluster.Node leader = cluster.elect(1);

    @Test
    void aRepeatedForwardThatReachesADeposedLeaderIsNotRefusedDefinitely() {
        // given a forward that the leader has appended and replicated, while its answer is lost
        cluster.filter = message -> !(message instanceof Message.ProposeResult);
        cluster.node(2).raft.propose(7, List.of(bytes("x")));
        cluster.settle();
        assertEquals(List.of("x"), cluster.node(3).appliedCommands());
        Message forward = cluster.node(2).sent.stream()
                .filter(Message.Propose.class::isInstance)
                .findFirst()
                .orElseThrow();

        // when the leader restarts in its term, and the network repeats the forward
        leader.crash();
        cluster.filter = message -> true;
        leader.raft.receive(forward);
        cluster.settle();
        cluster.pass(4 * TestCluster.ELECTION);

        // then the proposer is told that the outcome is unknown
        List<Output.Rejected> rejected = new ArrayList<>();
        cluster.node(2).outputs.forEach(output -> rejected.addAll(output.rejected()));
        assertEquals(1, rejected.size());
        assertFalse(rejected.get(0).reason().isDefinite(), rejected.toString());
    }

    @Test
    void aFollowerThatForgotWhatItAcknowledgedIsProbedOncePerHeartbeatOnly() {
        write(cluster, leader, 1, 5);
        long term = leader.raft.status().term();
        cluster.filter = message -> false;
        leader.raft.unreachable(N2);
        cluster.settle();
        leader.sent.clear();

        for (int i = 0; i < 10; i++) {
            leader.raft.receive(new Message.AppendEntriesRejected(N2, N1, term, match(leader, N2), 0, 0));
            cluster.settle();
        }

        assertEquals(0, count(leader.sent, Message.AppendEntries.class));
        leader.raft.tick(cluster.now + leader.clockLead + TestCluster.HEARTBEAT);
        cluster.settle();
        assertTrue(count(leader.sent, Message.AppendEntries.class) <= 2, "one for each follower: " + leader.sent);
    }

    @Test
    void aMalformedSnapshotOfferIsIgnored() {
        TestCluster.Node follower = cluster.node(2);
        long term = follower.raft.status().term();
        for (EntryId id :
                List.of(new EntryId(1_000, -1), new EntryId(-5, 1), new EntryId(0, 0), new EntryId(1_000, term + 1))) {
            SnapshotMeta snapshot = new SnapshotMeta(id, follower.base.membership());

            follower.raft.receive(new Message.InstallSnapshot(N1, N2, term, snapshot, N1));

            assertNull(follower.raft.takeOutput().install(), id.toString());
        }
    }

    @Test
    void anAppendThatClaimsATermForIndexZeroIsIgnored() {
        TestCluster.Node follower = cluster.node(2);
        long term = follower.raft.status().term();

        follower.raft.receive(new Message.AppendEntries(N1, N2, term, 0, 1, List.of(), 0));

        assertNull(follower.raft.takeOutput().fenced());
    }

    @Test
    void aTermThatNoMemberCanHaveReachedIsIgnored() {
        long term = leader.raft.status().term();

        leader.raft.receive(new Message.HeartbeatResult(N2, N1, Long.MAX_VALUE, 1, 0, 0));

        assertEquals(term, leader.raft.status().term());
        assertTrue(leader.leads());
    }

    @Test
    void aForwardsAnswerWithANegativeCountEndsOnlyItsOwnProposals() {
        TestCluster.Node follower = cluster.node(2);
        cluster.filter = message -> false;
        follower.raft.propose(7, List.of(bytes("x"), bytes("y")));
        cluster.settle();
        Message.Propose forward = (Message.Propose) follower.sent.stream()
                .filter(Message.Propose.class::isInstance)
                .findFirst()
                .orElseThrow();

        follower.raft.receive(new Message.ProposeResult(
                N1, N2, forward.term(), forward.incarnation(), forward.batch(), Integer.MIN_VALUE, 0));

        assertEquals(
                List.of(7L, 8L),
                follower.raft.takeOutput().rejected().stream()
                        .map(Output.Rejected::id)
                        .toList());
    }

    @Test
    void aLeaderWhoseDiskHangsStopsTakingProposalsAlthoughTheOthersCommit() {
        TestCluster small = new TestCluster(3, template().maxUncommittedBytes(1_000));
        TestCluster.Node slow = small.elect(1);
        slow.diskWorks = false;

        write(small, slow, 1, 100);

        long overloaded = slow.outputs.stream()
                .flatMap(output -> output.rejected().stream())
                .filter(rejected -> rejected.reason() == Output.Reason.OVERLOADED)
                .count();
        assertTrue(overloaded > 50, "taken although nothing reached its disk: " + (100 - overloaded));
        slow.diskWorks = true;
        small.settle();
        slow.raft.propose(101, List.of(bytes("after")));
        small.settle();
        assertEquals("after", slow.appliedCommands().get(slow.appliedCommands().size() - 1));
    }

    @Test
    void heartbeatsThatOnlyTellOfACommitDoNotLookForLostAppends() {
        cluster.pass(TestCluster.HEARTBEAT);
        cluster.filter = message -> !(message instanceof Message.AppendEntriesAccepted);
        leader.raft.propose(1, List.of(bytes("x")));
        cluster.settle();
        leader.sent.clear();
        long round = cluster.node(2).sent.stream()
                .filter(Message.HeartbeatResult.class::isInstance)
                .mapToLong(message -> ((Message.HeartbeatResult) message).round())
                .max()
                .orElseThrow();

        for (int i = 0; i < 10; i++) {
            leader.raft.receive(
                    new Message.HeartbeatResult(N2, N1, leader.raft.status().term(), round, 0, 0));
            cluster.settle();
        }

        assertEquals(0, count(leader.sent, Message.AppendEntries.class));
    }

    @Test
    void aFetchThatBecameUselessIsDroppedAndTheNextOneIsNotAskedTwice() {
        TestCluster fetching = new TestCluster(3, template().maxWindowBytes(0).maxAppendEntries(2));
        TestCluster.Node source = fetching.elect(1);
        fetching.isolate(3);
        write(fetching, source, 1, 20);
        long match = match(source, N3);
        long term = source.raft.status().term();
        source.raft.unreachable(N3);
        source.raft.receive(new Message.AppendEntriesAccepted(N3, N1, term, match));
        Output.Fetch first = onlyFetch(source.raft.takeOutput());

        // the follower holds more than was known: what was asked for is not needed any more
        source.raft.receive(new Message.AppendEntriesAccepted(N3, N1, term, match + 5));
        Output.Fetch second = onlyFetch(source.raft.takeOutput());
        assertEquals(match + 6, second.fromIndex());
        source.raft.fetched(first, source.disk.subList((int) first.fromIndex() - 1, (int) first.toIndex()));

        assertEquals(List.of(), source.raft.takeOutput().fetch());
    }

    @Test
    void aFetchThatBringsNothingIsRepeatedAtTheNextHeartbeatOnly() {
        TestCluster fetching = new TestCluster(3, template().maxWindowBytes(0));
        TestCluster.Node source = fetching.elect(1);
        fetching.isolate(3);
        write(fetching, source, 1, 20);
        long match = match(source, N3);
        source.raft.unreachable(N3);
        source.raft.receive(
                new Message.AppendEntriesAccepted(N3, N1, source.raft.status().term(), match));
        Output.Fetch fetch = onlyFetch(source.raft.takeOutput());

        source.raft.fetched(fetch, List.of());

        assertEquals(List.of(), source.raft.takeOutput().fetch());
    }

    private static Output.Fetch onlyFetch(Output output) {
        assertEquals(1, output.fetch().size());
        return output.fetch().get(0);
    }

    @Test
    void aMemberThatMayNotCampaignForgetsASilentLeaderAllTheSame() {
        TestCluster.Node follower = cluster.node(2);
        SnapshotMeta snapshot =
                new SnapshotMeta(new EntryId(1_000, follower.raft.status().term()), follower.base.membership());
        follower.raft.receive(
                new Message.InstallSnapshot(N1, N2, follower.raft.status().term(), snapshot, N1));
        cluster.filter = message -> false;
        assertEquals(N1, follower.raft.status().leader());

        follower.raft.tick(cluster.now + follower.clockLead + 3 * TestCluster.ELECTION);

        assertNull(follower.raft.status().leader());
        follower.raft.propose(1, List.of(bytes("x")));
        assertEquals(
                Output.Reason.NO_LEADER,
                follower.raft.takeOutput().rejected().get(0).reason());
    }

    @Test
    void aMemberThatInstallsASnapshotDoesNotCampaignOnRequestEither() {
        TestCluster.Node follower = cluster.node(2);
        long term = follower.raft.status().term();
        SnapshotMeta snapshot = new SnapshotMeta(new EntryId(1_000, term), follower.base.membership());
        follower.raft.receive(new Message.InstallSnapshot(N1, N2, term, snapshot, N1));

        follower.raft.receive(new Message.TimeoutNow(N1, N2, term, 0));

        assertEquals(term, follower.raft.status().term());
    }

    @Test
    void emptyProposalsCountAgainstTheLimitOfForwardsToo() {
        TestCluster small = new TestCluster(3, template().maxUncommittedBytes(1_000));
        small.elect(1);
        small.filter = message -> !(message instanceof Message.Propose);
        TestCluster.Node follower = small.node(2);

        for (int i = 0; i < 100; i++) {
            follower.raft.propose(i, List.of(new byte[0]));
        }

        assertEquals(
                100 - 1_000 / Entry.OVERHEAD_BYTES,
                follower.raft.takeOutput().rejected().size());
    }

    @Test
    void whatFollowsAnOfferedSnapshotIsKeptUntilTheFollowerHasAnswered() {
        TestCluster compacting = new TestCluster(3, template().trailingEntries(0));
        TestCluster.Node source = compacting.elect(1);
        compacting.isolate(3);
        write(compacting, source, 1, 10);
        SnapshotMeta offered = takeSnapshot(compacting, source);
        compacting.heal();
        compacting.pass(TestCluster.HEARTBEAT * 2);
        TestCluster.Node late = compacting.node(3);
        assertTrue(late.outputs.stream()
                .anyMatch(o -> o.install() != null && o.install().snapshot().equals(offered)));

        // the group goes on while the follower installs: with newer snapshots, offered again and again
        for (int i = 1; i < 4; i++) {
            write(compacting, source, 10 * i + 1, 10);
            takeSnapshot(compacting, source);
            compacting.pass(2 * TestCluster.ELECTION);
        }
        late.raft.snapshotInstalled(offered);
        compacting.pass(TestCluster.ELECTION);

        assertEquals(source.raft.status().commitIndex(), late.raft.status().commitIndex());
        assertEquals(30, late.appliedCommands().size());
        takeSnapshot(compacting, source);
        write(compacting, source, 50, 1);
        SnapshotMeta last = takeSnapshot(compacting, source);
        assertEquals(last.index() + 1, source.raft.status().firstIndex(), "then the log is compacted as before");
    }

    @Test
    void aFollowerThatIsGoneDoesNotKeepTheLogFromBeingCompacted() {
        TestCluster compacting = new TestCluster(3, template().trailingEntries(0));
        TestCluster.Node source = compacting.elect(1);
        compacting.isolate(3);
        write(compacting, source, 1, 10);
        takeSnapshot(compacting, source);
        compacting.heal();
        compacting.pass(TestCluster.HEARTBEAT * 2);
        compacting.isolate(3);
        compacting.pass(2 * TestCluster.ELECTION);

        write(compacting, source, 11, 10);
        SnapshotMeta last = takeSnapshot(compacting, source);

        assertEquals(last.index() + 1, source.raft.status().firstIndex());
    }

    private static SnapshotMeta takeSnapshot(TestCluster in, TestCluster.Node node) {
        EntryId applied = node.applied.get(node.applied.size() - 1).id();
        SnapshotMeta snapshot = new SnapshotMeta(applied, node.base.membership());
        node.raft.snapshotTaken(snapshot);
        in.settle();
        return snapshot;
    }

    private static long match(TestCluster.Node node, NodeId member) {
        return node.raft.status().matchIndex().getOrDefault(member, -1L);
    }

    private static long count(List<Message> messages, Class<? extends Message> kind) {
        return messages.stream().filter(kind::isInstance).count();
    }

    private static void write(TestCluster in, TestCluster.Node to, int first, int count) {
        for (int i = first; i < first + count; i++) {
            to.raft.propose(i, List.of(bytes("v" + i)));
            in.settle();
        }
    }

    /** Its pre-votes are refused by all who hear the leader, and it does not follow one of an older term: somebody must give in. */
    @Test
    void aMemberWithANewerTermThanItsLeaderIsNotLeftOutForEver() {
        TestCluster cluster = new TestCluster(3);
        TestCluster.Node leader = cluster.elect(1);
        cluster.settle();
        TestCluster.Node ahead = cluster.node(3);
        cluster.filter = message -> false;
        ahead.raft.receive(new Message.RequestVote(cluster.node(2).id, ahead.id, 9, 0, 0, true, 0));
        cluster.settle();
        cluster.filter = message -> true;
        assertEquals(9, ahead.raft.status().term());

        cluster.pass(5 * TestCluster.ELECTION);

        long term = leader.raft.status().term();
        assertTrue(term > 9);
        for (TestCluster.Node node : cluster.nodes.values()) {
            assertEquals(term, node.raft.status().term());
            assertNotNull(node.raft.status().leader());
        }
    }

    private static RaftConfig.Builder template() {
        return RaftConfig.builder(NodeId.of("template"), 0);
    }
}
