package dev.quorate.raft;

import static dev.quorate.raft.TestCluster.ELECTION;
import static dev.quorate.raft.TestCluster.HEARTBEAT;
import static dev.quorate.raft.TestCluster.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.MembershipChange.SetPriority;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The sentences of the thesis, §3.10, leadership transfer; and priorities, which are built on it. */
class TransferPaperTest {

    private static final NodeId N2 = NodeId.of("n2");
    private static final NodeId N3 = NodeId.of("n3");

    private final TestCluster cluster = new TestCluster(3);
    private final TestCluster.Node leader = cluster.elect(1);

    @Test
    void theTargetTakesOverWithoutWaitingForATimeout() {
        cluster.settle();

        leader.raft.transferLeadership(7, N2);
        cluster.settle();

        assertTrue(cluster.node(2).leads());
        assertEquals(List.of(7L), transferred());
    }

    @Test
    void theTargetIsToldOnlyWhenItHoldsTheWholeLog() {
        cluster.filter = message ->
                !(message instanceof Message.AppendEntries && message.to().equals(N2));
        leader.raft.propose(1, List.of(bytes("x")));
        cluster.settle();
        leader.raft.transferLeadership(7, N2);
        cluster.settle();
        assertFalse(wasTold());

        cluster.filter = message -> true;
        cluster.pass(3 * HEARTBEAT);

        assertTrue(wasTold());
        assertTrue(cluster.node(2).leads());
    }

    @Test
    void theTargetsVoteRequestSaysThatTheLeaderAskedForIt() {
        cluster.settle();

        leader.raft.transferLeadership(7, N2);
        cluster.settle();

        assertTrue(cluster.node(2).sent.stream()
                .anyMatch(message -> message instanceof Message.RequestVote vote && vote.leadershipTransfer()));
    }

    @Test
    void thePriorLeaderTakesNoRequestsMeanwhile() {
        cluster.isolate(2);
        leader.raft.transferLeadership(7, N2);

        leader.raft.propose(1, List.of(bytes("x"), bytes("y")));

        List<Output.Rejected> rejected = leader.raft.takeOutput().rejected();
        assertEquals(2, rejected.size());
        assertEquals(Output.Reason.TRANSFERRING, rejected.get(0).reason());
        assertTrue(rejected.get(0).reason().isDefinite());
    }

    @Test
    void afterAnElectionTimeoutThePriorLeaderGivesUpAndLeadsOn() {
        cluster.settle();
        cluster.filter = message ->
                !(message instanceof Message.AppendEntries && message.to().equals(N2));
        leader.raft.propose(1, List.of(bytes("x")));
        leader.raft.transferLeadership(7, N2);

        cluster.pass(ELECTION + HEARTBEAT);

        assertTrue(leader.leads());
        assertEquals(Output.Reason.TRANSFER_FAILED, refusal());
        long last = leader.raft.status().lastIndex();
        leader.raft.propose(2, List.of(bytes("y")));
        assertEquals(last + 1, leader.raft.status().lastIndex());
    }

    @Test
    void aTargetThatWasToldMayStillWinSoTheOutcomeIsUnknown() {
        cluster.settle();
        cluster.filter = message -> !(message instanceof Message.TimeoutNow);

        leader.raft.transferLeadership(7, N2);
        cluster.pass(ELECTION + HEARTBEAT);

        assertTrue(leader.leads());
        assertEquals(Output.Reason.OUTCOME_UNKNOWN, refusal());
    }

    /** A member that lost its office by a transfer, gets it back, and is asked for another one in the same moment. */
    @Test
    void anotherTransferDoesNotSilenceTheOneBeforeIt() {
        Hand hand = new Hand();
        hand.becomeLeader();
        long term = hand.term();
        hand.receive(new Message.AppendEntriesAccepted(N2, Hand.N1, term, 1));
        hand.says(() -> hand.node.raft.transferLeadership(7, N2));
        hand.receive(new Message.RequestVote(N2, Hand.N1, term + 1, 1, term, true, 0));
        while (hand.pass(HEARTBEAT).stream()
                .noneMatch(Message.PreVote.class::isInstance)) { // an election timeout, or two
            assertEquals(RaftRole.FOLLOWER, hand.role());
        }
        hand.receive(new Message.PreVoteResult(N3, Hand.N1, term + 1, term + 2, true));
        assertEquals(RaftRole.CANDIDATE, hand.role());

        hand.node.raft.receive(new Message.RequestVoteResult(N3, Hand.N1, hand.term(), true));
        hand.node.raft.transferLeadership(8, N3);
        List<Output.Rejected> answers = hand.node.raft.takeOutput().rejected();

        assertEquals(List.of(7L), answers.stream().map(Output.Rejected::id).toList());
        assertEquals(Output.Reason.TRANSFER_FAILED, answers.get(0).reason());
    }

    @Test
    void withoutANameWhoeverHoldsTheMostTakesOver() {
        cluster.settle();
        cluster.filter = message ->
                !(message instanceof Message.AppendEntries && message.to().equals(N2));
        leader.raft.propose(1, List.of(bytes("x")));
        cluster.settle();

        leader.raft.transferLeadership(7, null);
        cluster.settle();

        assertTrue(cluster.node(3).leads());
        assertEquals(List.of(7L), transferred());
    }

    @Test
    void whatMakesNoSenseIsRefusedByName() {
        cluster.settle();

        leader.raft.transferLeadership(1, NodeId.of("n9"));
        assertEquals(Output.Reason.NOT_A_MEMBER, refusal());
        cluster.node(2).raft.transferLeadership(2, N3);
        assertEquals(
                Output.Reason.NOT_LEADER,
                cluster.node(2).raft.takeOutput().rejected().get(0).reason());
        leader.raft.transferLeadership(3, N2);
        leader.raft.transferLeadership(4, N3);
        assertEquals(Output.Reason.TRANSFERRING, refusal());
    }

    @Test
    void aTargetThatDoesNotAnswerIsRefused() {
        cluster.isolate(2);
        cluster.pass(2 * ELECTION);

        leader.raft.transferLeadership(1, N2);

        assertEquals(Output.Reason.TARGET_UNREACHABLE, refusal());
    }

    // ---- priorities -----------------------------------------------------------------------------------------------

    @Test
    void aLeaderHandsOverToAMemberThatShouldRatherLeadWhenThatHasBeenFitForLong() {
        cluster.settle();
        leader.raft.changeMembership(1, MembershipChange.of(new SetPriority(N3, 1)));

        cluster.pass((Priorities.PATIENCE - 1) * ELECTION);
        assertTrue(leader.leads());
        cluster.pass(3 * ELECTION);

        assertTrue(cluster.node(3).leads());
    }

    @Test
    void aMemberThatComesAndGoesDoesNotTakeTheOfficeWithEachReturn() {
        cluster.settle();
        leader.raft.changeMembership(1, MembershipChange.of(new SetPriority(N3, 1)));

        for (int i = 0; i < 10; i++) {
            cluster.pass((Priorities.PATIENCE / 2) * ELECTION);
            cluster.isolate(3);
            cluster.pass(2 * ELECTION);
            cluster.heal();
        }

        assertTrue(leader.leads());
    }

    private boolean wasTold() {
        return leader.sent.stream().anyMatch(Message.TimeoutNow.class::isInstance);
    }

    private List<Long> transferred() {
        return leader.outputs.stream()
                .flatMap(output -> output.transferred().stream())
                .toList();
    }

    private Output.Reason refusal() {
        List<Output.Rejected> now = leader.raft.takeOutput().rejected();
        List<Output.Rejected> all = now.isEmpty()
                ? leader.outputs.stream()
                        .flatMap(output -> output.rejected().stream())
                        .toList()
                : now;
        return all.get(all.size() - 1).reason();
    }
}
