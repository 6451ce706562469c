package dev.quorate.raft;

import static dev.quorate.raft.TestCluster.ELECTION;
import static dev.quorate.raft.TestCluster.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.MembershipChange.AddLearner;
import dev.quorate.raft.model.MembershipChange.AddVoter;
import dev.quorate.raft.model.MembershipChange.Demote;
import dev.quorate.raft.model.MembershipChange.Promote;
import dev.quorate.raft.model.MembershipChange.Remove;
import dev.quorate.raft.model.MembershipChange.SetAddress;
import dev.quorate.raft.model.MembershipChange.Step;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The sentences of the thesis, chapter 4, and of the Raft paper, §6, on whole clusters. */
class MembershipPaperTest {

    private final TestCluster cluster = new TestCluster(3);
    private long requests;

    // ---- 4.1, safety ----------------------------------------------------------------------------------------------

    @Test
    void aMembershipIsInForceAsSoonAsItIsAppended() {
        TestCluster.Node leader = ready(1);
        cluster.isolate(1);

        assertAccepted(leader, new AddLearner(n(4), "d"));

        assertTrue(membership(leader).isLearner(n(4)));
        assertTrue(leader.raft.status().commitIndex() < leader.raft.status().lastIndex());
    }

    @Test
    void aMembershipThatIsTruncatedGivesWayToTheOneBefore() {
        TestCluster.Node leader = ready(1);
        cluster.isolate(1);
        assertAccepted(leader, new AddLearner(n(4), "d"));

        cluster.pass(3 * ELECTION);
        cluster.heal();
        cluster.pass(3 * ELECTION);

        assertFalse(membership(leader).contains(n(4)));
    }

    @Test
    void aChangeIsRefusedUntilTheLeaderHasCommittedAnEntryOfItsTerm() {
        cluster.filter = message -> !(message instanceof Message.AppendEntriesAccepted);
        TestCluster.Node leader = cluster.elect(2);

        assertRefused(Output.Reason.LEADER_NOT_READY, leader, new AddLearner(n(4), "d"));

        cluster.filter = message -> true;
        cluster.pass(ELECTION);
        assertAccepted(leader, new AddLearner(n(4), "d"));
    }

    @Test
    void aSecondChangeIsRefusedWhileTheFirstIsNotCommitted() {
        TestCluster.Node leader = ready(1);
        cluster.filter = message -> !(message instanceof Message.AppendEntriesAccepted);
        assertAccepted(leader, new AddLearner(n(4), "d"));

        assertRefused(Output.Reason.CHANGE_IN_FLIGHT, leader, new AddLearner(n(5), "e"));

        cluster.filter = message -> true;
        cluster.pass(ELECTION / 2);
        assertAccepted(leader, new AddLearner(n(5), "e"));
    }

    @Test
    void aSecondChangeIsRefusedWhileTheMembershipIsJoint() {
        TestCluster.Node leader = ready(1);
        holdJoint(leader);

        assertRefused(Output.Reason.CHANGE_IN_FLIGHT, leader, new AddLearner(n(5), "e"));
    }

    @Test
    void onlyALeaderTakesAChange() {
        ready(1);

        assertRefused(Output.Reason.NOT_LEADER, cluster.node(2), new Remove(n(3)));
    }

    @Test
    void whatMakesNoSenseIsRefusedByName() {
        TestCluster.Node leader = ready(1);

        assertRefused(Output.Reason.ALREADY_A_MEMBER, leader, new AddVoter(n(2), "b"));
        assertRefused(Output.Reason.NOT_A_MEMBER, leader, new Remove(n(9)));
        assertRefused(Output.Reason.NOT_A_LEARNER, leader, new Promote(n(2)));
        assertRefused(Output.Reason.NO_VOTER_LEFT, leader, new Remove(n(1)), new Remove(n(2)), new Remove(n(3)));
        assertRefused(Output.Reason.NOTHING_TO_CHANGE, leader, new AddLearner(n(4), "d"), new Remove(n(4)));
        assertAccepted(leader, new AddLearner(n(4), "d"));
        cluster.settle();
        assertRefused(Output.Reason.NOT_A_VOTER, leader, new Demote(n(4)));
        assertRefused(Output.Reason.NOT_CAUGHT_UP, leader, new Promote(n(4)));
    }

    @Test
    void anAddressIsReplicatedLikeEverythingElse() {
        TestCluster.Node leader = ready(1);

        assertAccepted(leader, new SetAddress(n(2), "elsewhere"));
        cluster.settle();

        assertEquals("elsewhere", membership(cluster.node(3)).addresses().get(n(2)));
    }

    // ---- 4.2.1, catching up ---------------------------------------------------------------------------------------

    @Test
    void aNewServerReceivesTheLogBeforeItVotesAndVotesByItselfWhenItHasCaughtUp() {
        TestCluster.Node leader = ready(1);
        assertAccepted(leader, new AddVoter(n(4), "d"));
        cluster.pass(2 * ELECTION);
        assertEquals(voters(1, 2, 3), membership(leader).voters(), "it has not answered yet");

        TestCluster.Node joiner = cluster.join(4);
        cluster.pass(ELECTION);

        assertEquals(voters(1, 2, 3, 4), membership(leader).voters());
        assertFalse(membership(leader).isJoint());
        assertEquals(membership(leader), membership(joiner));
        assertEquals(leader.raft.status().commitIndex(), joiner.raft.status().commitIndex());
    }

    @Test
    void aLearnerStaysOneUntilItIsPromoted() {
        TestCluster.Node leader = ready(1);
        cluster.join(4);
        assertAccepted(leader, new AddLearner(n(4), "d"));
        cluster.pass(5 * ELECTION);
        assertTrue(membership(leader).isLearner(n(4)));

        assertAccepted(leader, new Promote(n(4)));
        cluster.settle();

        assertEquals(voters(1, 2, 3, 4), membership(leader).voters());
    }

    @Test
    void aServerThatHasBeenToldOfNoGroupNeverCampaigns() {
        TestCluster.Node joiner = cluster.join(4);

        cluster.pass(10 * ELECTION);

        assertEquals(0, joiner.raft.status().term());
        assertEquals(List.of(), joiner.sent);
    }

    @Test
    void aReplacementTakesEffectAtOnceForBothWhenTheNewOneHasCaughtUp() {
        TestCluster.Node leader = ready(1);
        assertAccepted(leader, new AddVoter(n(4), "d"), new Remove(n(3)));
        cluster.pass(2 * ELECTION);
        assertEquals(voters(1, 2, 3), membership(leader).voters());

        cluster.join(4);
        cluster.pass(ELECTION);

        assertEquals(voters(1, 2, 4), membership(leader).voters());
        assertEquals(voters(1, 2, 4), membership(leader).all());
    }

    @Test
    void aDeadMemberIsRemovedAlthoughANewOneIsAwaited() {
        TestCluster.Node leader = ready(1);
        assertAccepted(leader, new AddVoter(n(4), "d"));
        cluster.settle();

        assertAccepted(leader, new Remove(n(3)));
        cluster.settle();

        assertEquals(voters(1, 2), membership(leader).voters());
        assertEquals(voters(1, 2, 4), membership(leader).votersNext());
    }

    // ---- 4.2.2, removing the leader -------------------------------------------------------------------------------

    @Test
    void aLeaderThatRemovesItselfLeadsUntilThatIsCommittedWithoutCountingItself() {
        TestCluster.Node leader = ready(1);
        cluster.cut.add("n3>n1");
        cluster.filter = message -> !(message instanceof Message.AppendEntriesAccepted accepted
                && accepted.from().equals(n(2))
                && accepted.matchIndex() > 3);
        assertAccepted(leader, new Remove(n(1)));
        cluster.settle();
        assertTrue(leader.leads());
        assertTrue(membership(leader).isJoint(), "its own disk and that of 2 are no majority of 2 and 3");

        cluster.filter = message -> true;
        cluster.cut.clear();
        cluster.pass(ELECTION / 2);

        assertFalse(leader.leads());
        assertEquals(voters(2, 3), membership(leader).voters());
        assertTrue(cluster.node(2).leads() || cluster.node(3).leads(), "told to take over, nobody waits for a timeout");
    }

    @Test
    void aServerOutsideOfItsLatestMembershipCampaignsUntilThatIsCommitted() {
        TestCluster two = new TestCluster(2);
        TestCluster.Node leader = two.elect(1);
        two.settle();
        two.filter = message -> !(message instanceof Message.AppendEntries append
                && append.entries().stream().anyMatch(entry -> entry.index() == 3));
        leader.raft.changeMembership(1, MembershipChange.of(new Remove(n(1))));
        two.settle();
        assertFalse(membership(leader).contains(n(1)));
        assertTrue(membership(two.node(2)).isJoint());

        leader.crash();
        two.filter = message -> true;
        two.pass(10 * ELECTION);

        assertEquals(voters(2), membership(two.node(2)).voters());
        assertTrue(two.node(2).leads());
    }

    // ---- 4.2.3, disruptive servers --------------------------------------------------------------------------------

    @Test
    void aRemovedServerThatDoesNotKnowItDisturbsNobody() {
        TestCluster.Node leader = ready(1);
        cluster.isolate(3);
        assertAccepted(leader, new Remove(n(3)));
        cluster.pass(10 * ELECTION);
        long term = leader.raft.status().term();

        cluster.heal();
        cluster.pass(10 * ELECTION);

        assertTrue(leader.leads());
        assertEquals(term, leader.raft.status().term());
    }

    @Test
    void aRemovedServerIsToldAndStaysQuiet() {
        TestCluster.Node leader = ready(1);
        assertAccepted(leader, new Remove(n(3)));
        cluster.pass(ELECTION);
        cluster.node(3).sent.clear();

        cluster.pass(10 * ELECTION);

        assertFalse(membership(cluster.node(3)).contains(n(3)));
        assertEquals(List.of(), cluster.node(3).sent);
    }

    // ---- 4.3, joint consensus -------------------------------------------------------------------------------------

    @Test
    void anEntryOfAJointMembershipNeedsBothMajorities() {
        TestCluster.Node leader = ready(1);
        holdJoint(leader);
        long before = leader.raft.status().commitIndex();
        cluster.filter =
                message -> !message.from().equals(n(2)) && !message.from().equals(n(3));

        leader.raft.propose(900, List.of(bytes("x")));
        cluster.settle();

        assertEquals(before, leader.raft.status().commitIndex(), "1, 4 and 5 are a majority of the new half only");
    }

    @Test
    void anElectionInAJointMembershipNeedsBothMajorities() {
        holdJoint(ready(1));
        cluster.isolate(2);
        cluster.isolate(3);

        cluster.pass(10 * ELECTION);

        assertTrue(cluster.nodes.values().stream().noneMatch(TestCluster.Node::leads));
    }

    @Test
    void aJointMembershipIsLeftByWhoeverLeads() {
        TestCluster.Node old = ready(1);
        holdJoint(old);
        old.crash();
        cluster.isolate(1);
        cluster.filter = message -> true;

        cluster.pass(10 * ELECTION);

        TestCluster.Node leader = cluster.nodes.values().stream()
                .filter(TestCluster.Node::leads)
                .findFirst()
                .orElseThrow();
        assertEquals(voters(1, 4, 5), membership(leader).voters());
        assertFalse(membership(leader).isJoint());
    }

    // ---- more than the thesis -------------------------------------------------------------------------------------

    @Test
    void aChangeThatWouldNeedTheVoteOfADamagedMemberIsRefusedUntilItIsWhole() {
        TestCluster.Node leader = ready(1);
        cluster.filter = message ->
                !(message instanceof Message.AppendEntries append && append.to().equals(n(3)));
        cluster.node(3).loseFrom(1);
        cluster.pass(ELECTION / 2);

        assertRefused(Output.Reason.WOULD_LOSE_QUORUM, leader, new Remove(n(2)));

        cluster.filter = message -> true;
        cluster.pass(3 * ELECTION);
        assertFalse(cluster.node(3).raft.isDamaged());
        leader.raft.changeMembership(78, MembershipChange.of(new Remove(n(2))));
        cluster.pass(ELECTION);
        assertEquals(voters(1, 3), membership(leader).voters());
    }

    @Test
    void aChangeThatWouldLeaveNoLivingMajorityIsRefusedUnlessForced() {
        TestCluster.Node leader = ready(1);
        cluster.isolate(3);
        cluster.pass(2 * ELECTION);

        assertRefused(Output.Reason.WOULD_LOSE_QUORUM, leader, new Remove(n(2)));

        leader.raft.changeMembership(77, MembershipChange.of(new Remove(n(2))).force());
        cluster.settle();
        assertTrue(membership(leader).isJoint());
    }

    @Test
    void theNameOfAMemberThatLostItsDiskDoesNotCount() {
        TestCluster.Node node = ready(1);
        node.raft.changeMembership(5, MembershipChange.of(new AddLearner(n(4), "d")));
        long last = node.raft.status().lastIndex();
        node.raft.takeOutput();
        node.raft.receive(
                new Message.HeartbeatResult(n(4), n(1), node.raft.status().term(), 1, 0, 0), 44);

        node.raft.receive(
                new Message.AppendEntriesAccepted(n(4), n(1), node.raft.status().term(), last), 45);

        assertEquals(0, node.raft.status().matchIndex().get(n(4)), "another disk has answered under its name before");
        node.raft.receive(
                new Message.AppendEntriesAccepted(n(4), n(1), node.raft.status().term(), last), 44);
        assertEquals(last, node.raft.status().matchIndex().get(n(4)));
    }

    @Test
    void aNodeThatJoinsHasNoVoiceBeforeItsLogSaysThatItIsAMember() {
        TestCluster.Node joiner = cluster.join(4);

        joiner.raft.receive(new Message.RequestVote(n(2), n(4), 5, 9, 4, false, 0));
        cluster.settle();

        assertEquals(List.of(new Message.RequestVoteResult(n(4), n(2), 5, false)), joiner.sent);
    }

    @Test
    void aMemberThatIsBehindListensToALeaderThatCameBackWithAnotherDisk() {
        TestCluster.Node node = ready(1);
        node.raft.receive(
                new Message.HeartbeatResult(n(2), n(1), node.raft.status().term(), 1, 0, 0), 22);

        node.raft.receive(new Message.Heartbeat(n(2), n(1), 9, 0, 1, 0), 23);

        assertEquals(n(2), node.raft.status().leader());
    }

    // ---- helpers --------------------------------------------------------------------------------------------------

    private TestCluster.Node ready(int number) {
        TestCluster.Node leader = cluster.elect(number);
        cluster.settle();
        return leader;
    }

    /** The voters 1, 2, 3 give way to 1, 4, 5, and the joint membership is committed by no one. */
    private void holdJoint(TestCluster.Node leader) {
        cluster.join(4);
        cluster.join(5);
        request(leader, new AddLearner(n(4), "d"), new AddLearner(n(5), "e"));
        cluster.pass(ELECTION);
        cluster.filter = message -> !(message instanceof Message.AppendEntriesAccepted);
        assertAccepted(leader, new Promote(n(4)), new Promote(n(5)), new Remove(n(2)), new Remove(n(3)));
        cluster.settle();
        assertTrue(membership(leader).isJoint());
    }

    private void request(TestCluster.Node node, Step... steps) {
        node.raft.changeMembership(++requests, MembershipChange.of(steps));
    }

    private void assertAccepted(TestCluster.Node node, Step... steps) {
        long last = node.raft.status().lastIndex();
        request(node, steps);
        assertEquals(
                last + 1,
                node.raft.status().lastIndex(),
                () -> String.valueOf(node.raft.takeOutput().rejected()));
    }

    private void assertRefused(Output.Reason reason, TestCluster.Node node, Step... steps) {
        long last = node.raft.status().lastIndex();
        request(node, steps);
        assertEquals(last, node.raft.status().lastIndex());
        List<Output.Rejected> rejected = node.raft.takeOutput().rejected();
        assertEquals(1, rejected.size());
        assertEquals(reason, rejected.get(0).reason());
        assertTrue(reason.isDefinite());
    }

    private static Membership membership(TestCluster.Node node) {
        return node.raft.status().membership();
    }

    private static NodeId n(int number) {
        return NodeId.of("n" + number);
    }

    private static Set<NodeId> voters(Integer... numbers) {
        return Set.of(numbers).stream().map(MembershipPaperTest::n).collect(Collectors.toSet());
    }
}
