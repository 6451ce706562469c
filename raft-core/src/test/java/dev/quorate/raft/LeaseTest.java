package dev.quorate.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.quorum.JointConfig;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reads without a round: thesis §6.4.1, and what it leaves to whoever builds it. */
class LeaseTest {

    private static final double DRIFT = 0.25;
    private static final long ELECTION = TestCluster.ELECTION;
    private static final long HEARTBEAT = TestCluster.HEARTBEAT;
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final NodeId N3 = NodeId.of("n3");

    private final RaftConfig config =
            RaftConfig.builder(N1, 1).maxClockDrift(DRIFT).build();
    private final JointConfig quorum = new JointConfig(Membership.of(List.of(N1, N2, N3)));

    private static TestCluster cluster() {
        return new TestCluster(3, RaftConfig.builder(NodeId.of("template"), 0).maxClockDrift(DRIFT));
    }

    /** A leader whose followers have answered a round, so that it holds a lease. */
    private static TestCluster.Node leaderWithLease(TestCluster cluster) {
        TestCluster.Node leader = cluster.elect(1);
        cluster.pass(2 * HEARTBEAT);
        return leader;
    }

    /** What one read makes the member say: whether it is served, and what it sends for that. */
    private static Output read(TestCluster.Node node, long id, ReadConsistency consistency) {
        node.raft.read(id, consistency);
        return node.raft.takeOutput();
    }

    @Test
    void aLeaderWithALeaseServesAReadWithoutAMessage() {
        TestCluster.Node leader = leaderWithLease(cluster());

        Output byLease = read(leader, 1, ReadConsistency.LEASE);

        assertEquals(List.of(new Output.ReadState(1, leader.raft.status().commitIndex())), byLease.reads());
        assertTrue(byLease.send().isEmpty());
        Output byRound = read(leader, 2, ReadConsistency.LINEARIZABLE);
        assertTrue(byRound.reads().isEmpty(), "a linearizable read trusts no clock");
        assertEquals(2, byRound.send().size());
    }

    @Test
    void withoutADeclaredBoundALeaseReadTakesARound() {
        TestCluster cluster = new TestCluster(3);
        TestCluster.Node leader = leaderWithLease(cluster);

        Output read = read(leader, 1, ReadConsistency.LEASE);

        assertTrue(read.reads().isEmpty());
        assertEquals(2, read.send().size());
    }

    @Test
    void aLeaderThatIsCutOffStopsServingBeforeAnotherCanBeElected() {
        TestCluster cluster = cluster();
        TestCluster.Node leader = leaderWithLease(cluster);
        long held = (long) (ELECTION / (1 + DRIFT));
        long then = cluster.now + leader.clockLead;
        cluster.isolate(1);

        leader.raft.clock(then + held - 2 * HEARTBEAT);
        assertEquals(1, read(leader, 1, ReadConsistency.LEASE).reads().size());
        leader.raft.clock(then + held + 1);
        assertTrue(read(leader, 2, ReadConsistency.LEASE).reads().isEmpty());
    }

    @Test
    void aLeaseCountsFromTheSendOfTheRoundNotFromItsAnswer() {
        Lease lease = new Lease(config, 1_000);
        lease.roundLeaves(1, 2_000);
        long promised = config.electionTimeoutNanos();

        lease.promised(N2, 1, promised, quorum, N1); // whenever that arrives

        long end = 2_000 + (long) (promised / (1 + DRIFT));
        assertTrue(lease.holds(end - 1));
        assertFalse(lease.holds(end));
    }

    @Test
    void aLeaseNeedsTheQuorumOfTheMembershipInForce() {
        Lease lease = new Lease(config, 0);
        lease.roundLeaves(1, 0);
        lease.promised(N2, 1, config.electionTimeoutNanos(), quorum, N1);
        assertTrue(lease.holds(1));
        Membership larger = Membership.of(List.of(N1, N2, N3, NodeId.of("n4")));

        lease.membershipChanged(larger, new JointConfig(larger), N1);

        assertFalse(lease.holds(1), "two of four are no quorum");
        Membership without = Membership.of(List.of(N1, N3));
        lease.membershipChanged(without, new JointConfig(without), N1);
        lease.membershipChanged(
                Membership.of(List.of(N1, N2, N3)), quorum, N1); // N2 is back, and has promised nothing since
        assertFalse(lease.holds(1));
    }

    @Test
    void aFollowerKeepsItsPromiseWhenItsConnectionToTheLeaderBreaks() {
        TestCluster cluster = cluster();
        TestCluster.Node leader = leaderWithLease(cluster);
        TestCluster.Node follower = cluster.node(2);
        long term = leader.raft.status().term();
        follower.raft.unreachable(leader.id);

        follower.raft.receive(new Message.RequestVote(N3, N2, term + 1, 1_000, term, false, 0));

        assertEquals(term, follower.raft.status().term(), "the request is not even looked at");
        cluster.isolate(1);
        cluster.pass(ELECTION - 2 * HEARTBEAT);
        assertEquals(term, follower.raft.status().term(), "nor does it hurry to campaign itself");
        cluster.pass(4 * ELECTION);
        assertTrue(cluster.node(2).leads() || cluster.node(3).leads(), "a promise ends");
    }

    @Test
    void aMemberThatStartsAgainVotesForNobodyUntilAnEarlierPromiseMustHaveEnded() {
        Promise unknown = Promise.atStart(config, new HardState(7, null), 100);
        Message.RequestVote vote = new Message.RequestVote(N2, N1, 8, 9, 7, false, 0);
        Message.RequestVote asked = new Message.RequestVote(N2, N1, 8, 9, 7, true, 1_000_000);

        assertTrue(unknown.forbids(vote, 100 + config.electionTimeoutNanos() - 1));
        assertTrue(unknown.forbids(asked, 101), "it does not know in which round it promised");
        assertFalse(unknown.forbids(vote, 100 + config.electionTimeoutNanos()));
        assertFalse(Promise.atStart(config, HardState.INITIAL, 100).binds(101), "it has never heard a leader");
    }

    @Test
    void aLeaseEndsWhenATransferBegins() {
        TestCluster cluster = cluster();
        TestCluster.Node leader = leaderWithLease(cluster);
        cluster.filter = message -> !(message instanceof Message.TimeoutNow);

        leader.raft.transferLeadership(1, N2);

        assertTrue(read(leader, 2, ReadConsistency.LEASE).reads().isEmpty());
    }

    /** What the target was told, and did not hear; the leader leads on. */
    private static Message callOfATransferThatIsGivenUp(TestCluster cluster, TestCluster.Node leader) {
        cluster.filter = message -> !(message instanceof Message.TimeoutNow);
        leader.raft.transferLeadership(1, N2);
        cluster.settle();
        Message late = leader.sent.stream()
                .filter(message -> message instanceof Message.TimeoutNow)
                .findFirst()
                .orElseThrow();
        cluster.pass(ELECTION + 2 * HEARTBEAT);
        return late;
    }

    @Test
    void aCallToCampaignThatComesAfterTheTransferWasGivenUpMovesNobody() {
        TestCluster cluster = cluster();
        TestCluster.Node leader = leaderWithLease(cluster);
        long term = leader.raft.status().term();
        Message late = callOfATransferThatIsGivenUp(cluster, leader);
        assertEquals(1, read(leader, 2, ReadConsistency.LEASE).reads().size(), "the lease is back");

        cluster.node(2).raft.receive(late);
        cluster.settle();

        assertEquals(term, cluster.node(2).raft.status().term());
        assertTrue(leader.leads());
    }

    @Test
    void aTransferGivesBackWhatWasPromisedSoThatItTakesNoTimeout() {
        TestCluster cluster = cluster();
        TestCluster.Node leader = leaderWithLease(cluster);

        leader.raft.transferLeadership(1, N2);
        cluster.settle();

        assertTrue(cluster.node(2).leads());
    }

    @Test
    void aClockThatLostTimeEndsTheLeaseUntilAFreshRound() {
        TestCluster cluster = cluster();
        TestCluster.Node leader = leaderWithLease(cluster);

        leader.raft.clockDoubted();

        assertTrue(read(leader, 1, ReadConsistency.LEASE).reads().isEmpty());
        cluster.pass(2 * HEARTBEAT);
        assertEquals(1, read(leader, 2, ReadConsistency.LEASE).reads().size());
    }

    @Test
    void aLeaderWithALeaseAnswersAFollowerWithoutARound() {
        TestCluster cluster = cluster();
        TestCluster.Node leader = leaderWithLease(cluster);

        leader.raft.receive(new Message.ReadIndex(N2, N1, leader.raft.status().term(), 5, true));

        List<Message> sent = leader.raft.takeOutput().send();
        assertEquals(1, sent.size());
        assertTrue(sent.get(0) instanceof Message.ReadIndexResult answer
                && answer.outcome() == Message.ReadIndexResult.Outcome.CONFIRMED);
    }

    @Test
    void aFollowerServesABoundedReadAsLongAsItsLastProofIsYoungEnough() {
        TestCluster cluster = cluster();
        leaderWithLease(cluster);
        TestCluster.Node follower = cluster.node(2);
        follower.raft.readIndex(1);
        cluster.settle();
        cluster.isolate(2);
        ReadConsistency bounded = ReadConsistency.boundedStaleness(Duration.ofNanos(3 * HEARTBEAT));
        long asked = cluster.now + follower.clockLead;

        follower.raft.clock(asked + 3 * HEARTBEAT);
        assertEquals(1, read(follower, 2, bounded).reads().size());
        follower.raft.clock(asked + 4 * HEARTBEAT);
        Output late = read(follower, 3, bounded);
        assertTrue(late.reads().isEmpty());
        assertTrue(late.send().stream()
                .anyMatch(message -> message instanceof Message.ReadIndex read && !read.byLease()));
    }

    @Test
    void whatALeaseConfirmedIsNoProofOfFreshness() {
        TestCluster cluster = cluster();
        leaderWithLease(cluster);
        TestCluster.Node follower = cluster.node(2);

        follower.raft.read(1, ReadConsistency.LEASE);
        cluster.settle();

        assertFalse(follower.raft.isFreshEnough(ReadConsistency.boundedStaleness(Duration.ofHours(1))));
    }

    @Test
    void aProofCountsWhenItsIndexIsAppliedHere() {
        Freshness freshness = new Freshness();
        freshness.confirmed(100, 7, 6);

        assertFalse(freshness.isWithin(1_000, 200, 6));
        assertTrue(freshness.isWithin(1_000, 200, 7));
        assertTrue(freshness.isWithin(100, 200, 7));
        assertFalse(freshness.isWithin(99, 200, 7));
        freshness.forget(200);
        assertFalse(freshness.isWithin(1_000, 200, 7));
    }

    @Test
    void whatWasAskedBeforeTheClockLostTimeProvesNothingWhenItIsConfirmedAfterwards() {
        Freshness freshness = new Freshness();
        freshness.forget(150);

        freshness.confirmed(150, 7, 7);
        assertFalse(freshness.isWithin(1_000, 160, 7), "an hour may lie between 150 and 160");
        freshness.confirmed(151, 7, 7);
        assertTrue(freshness.isWithin(1_000, 160, 7));
    }

    @Test
    void aMemberThatStartedAgainAndPromisedSinceCanBeToldToTakeOver() {
        Promise promise = Promise.atStart(config, new HardState(7, null), 100);
        long timeout = config.electionTimeoutNanos();
        Message.TimeoutNow call = new Message.TimeoutNow(N2, N1, 7, 20);
        promise.make(7, 18, 100 + timeout / 2 + timeout);

        assertTrue(promise.forbids(call, 100 + timeout - 1), "of its earlier life it knows nothing");
        promise.make(7, 19, 100 + timeout + timeout);
        assertTrue(promise.binds(100 + timeout));
        assertFalse(promise.forbids(call, 100 + timeout), "what is left, this leader gives back");
        assertEquals(timeout, promise.remainingNanos(100 + timeout));
    }

    @Test
    void withoutLeasesTooACallThatComesAfterTheLeaderWasHeardAgainMovesNobody() {
        TestCluster cluster = new TestCluster(3, RaftConfig.builder(NodeId.of("template"), 0));
        TestCluster.Node leader = cluster.elect(1);
        long term = leader.raft.status().term();
        Message late = callOfATransferThatIsGivenUp(cluster, leader);

        cluster.node(2).raft.receive(late);
        cluster.settle();

        assertEquals(term, cluster.node(2).raft.status().term());
        assertTrue(leader.leads());
    }

    @Test
    void aLocalReadIsServedByAnybodyAtOnce() {
        TestCluster cluster = cluster();
        leaderWithLease(cluster);
        TestCluster.Node follower = cluster.node(2);
        cluster.isolate(2);

        Output read = read(follower, 1, ReadConsistency.LOCAL);

        assertEquals(List.of(new Output.ReadState(1, follower.raft.status().appliedIndex())), read.reads());
    }

    @Test
    void aBoundOutsideOfItsRangeIsRefusedWithTheRange() {
        for (double wrong : new double[] {-0.1, 10.1, Double.NaN}) {
            IllegalArgumentException refused = assertThrows(
                    IllegalArgumentException.class,
                    () -> RaftConfig.builder(N1, 1).maxClockDrift(wrong).build());
            assertEquals(
                    "maxClockDrift is " + wrong
                            + ", and must be a fraction from 0 to 10, as 0.01 for one percent; leave"
                            + " it out if no bound is known",
                    refused.getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> ReadConsistency.boundedStaleness(Duration.ZERO));
    }
}
