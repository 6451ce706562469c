package dev.quorate.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A member whose log lost entries that it had acknowledged. */
class DamageTest {

    private static final long ELECTION = TestCluster.ELECTION;
    private static final long HEARTBEAT = TestCluster.HEARTBEAT;
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final NodeId N3 = NodeId.of("n3");

    private final TestCluster cluster = new TestCluster(3);

    private TestCluster.Node leaderWithEntries() {
        TestCluster.Node leader = cluster.elect(1);
        for (int i = 1; i <= 5; i++) {
            leader.raft.propose(i, List.of(TestCluster.bytes("command " + i)));
        }
        cluster.pass(HEARTBEAT);
        return leader;
    }

    @Test
    void itFetchesFromTheLeaderWhatItLostAndIsWholeAgain() {
        TestCluster.Node leader = leaderWithEntries();
        TestCluster.Node damaged = cluster.node(2);
        damaged.loseFrom(3);
        assertTrue(damaged.raft.isDamaged());

        cluster.pass(3 * HEARTBEAT);

        assertFalse(damaged.raft.isDamaged());
        assertEquals(leader.lastDiskIndex(), damaged.lastDiskIndex());
        assertEquals(1, damaged.repairs, "the disk is told once");
        assertEquals(
                leader.raft.status().lastIndex(),
                leader.raft.status().matchIndex().get(N2));
    }

    @Test
    void itIsWholeAgainAlsoWhenItDiesBeforeItHearsThatAndNobodyWritesAnyMore() {
        TestCluster.Node leader = leaderWithEntries();
        TestCluster.Node damaged = cluster.node(2);
        damaged.loseFrom(3);
        cluster.filter = message -> !(message instanceof Message.DamageNoted);
        cluster.pass(3 * HEARTBEAT);
        assertEquals(leader.lastDiskIndex(), damaged.lastDiskIndex());
        assertTrue(damaged.raft.isDamaged());

        damaged.crash();
        cluster.filter = message -> true;
        cluster.pass(3 * HEARTBEAT);

        assertFalse(damaged.raft.isDamaged());
    }

    @Test
    void itGivesNoVoteThoughTheCandidateHasMoreThanIsLeftHere() {
        TestCluster.Node leader = leaderWithEntries();
        TestCluster.Node damaged = cluster.node(2);
        long term = leader.raft.status().term();
        damaged.loseFrom(2);
        damaged.sent.clear();

        damaged.raft.receive(new Message.PreVote(N3, N2, term, term + 1, 4, term));
        damaged.raft.receive(new Message.RequestVote(N3, N2, term + 1, 4, term, false, 0));
        cluster.settle();

        assertFalse(damaged.sent.stream().anyMatch(DamageTest::isGrant));
        assertEquals(term + 1, damaged.raft.status().term(), "it follows the term all the same");
    }

    private static boolean isGrant(Message message) {
        return (message instanceof Message.RequestVoteResult vote && vote.voteGranted())
                || (message instanceof Message.PreVoteResult pre && pre.voteGranted());
    }

    @Test
    void itDoesNotCampaignAlsoWhenItIsToldTo() {
        TestCluster.Node leader = leaderWithEntries();
        TestCluster.Node damaged = cluster.node(2);
        long term = leader.raft.status().term();
        damaged.loseFrom(3);
        cluster.isolate(2);

        cluster.pass(5 * ELECTION);
        damaged.raft.receive(new Message.Heartbeat(N1, N2, term, 0, 1, 0));
        damaged.raft.receive(new Message.TimeoutNow(N1, N2, term, 1));
        cluster.settle();

        assertEquals(term, damaged.raft.status().term());
        assertEquals(RaftRole.FOLLOWER, damaged.raft.status().role());
    }

    @Test
    void aCommittedEntrySurvivesThoughOneOfItsTwoCopiesRotsAndItsLeaderDies() {
        TestCluster.Node leader = cluster.elect(1);
        cluster.pass(HEARTBEAT);
        cluster.isolate(3);
        leader.raft.propose(1, List.of(TestCluster.bytes("precious")));
        cluster.settle();
        long committed = leader.raft.status().commitIndex();
        assertEquals(committed, cluster.node(2).lastDiskIndex(), "on two of three disks");
        TestCluster.Node damaged = cluster.node(2);
        cluster.isolate(1);
        damaged.loseFrom(committed);
        cluster.heal();
        cluster.isolate(1);

        cluster.pass(10 * ELECTION);
        assertFalse(cluster.node(3).leads() || damaged.leads(), "whoever lacks the entry must not be elected");

        cluster.heal();
        cluster.pass(10 * ELECTION);
        assertTrue(List.of(1, 2, 3).stream()
                .allMatch(number -> cluster.node(number).appliedCommands().contains("precious")));
        assertFalse(damaged.raft.isDamaged());
    }

    @Test
    void aLateAcknowledgementOfItsEarlierLifeIsTakenBackByTheNextWord() {
        TestCluster.Node leader = leaderWithEntries();
        TestCluster.Node damaged = cluster.node(2);
        long term = leader.raft.status().term();
        long last = leader.raft.status().lastIndex();
        damaged.loseFrom(2);
        cluster.filter = message -> !(message instanceof Message.AppendEntries);
        cluster.pass(HEARTBEAT);
        assertEquals(1, leader.raft.status().matchIndex().get(N2));

        leader.raft.receive(new Message.AppendEntriesAccepted(N2, N1, term, last));
        assertEquals(last, leader.raft.status().matchIndex().get(N2), "nothing tells it from a new one");
        cluster.pass(HEARTBEAT);

        assertEquals(1, leader.raft.status().matchIndex().get(N2));
        assertTrue(damaged.raft.isDamaged());
    }

    @Test
    void anAnswerToAnEarlierLifeDoesNotMakeItWhole() {
        leaderWithEntries();
        TestCluster.Node damaged = cluster.node(2);
        long term = damaged.raft.status().term();
        damaged.loseFrom(3);
        damaged.raft.receive(new Message.Heartbeat(N1, N2, term, 0, 1, 0));

        damaged.raft.receive(new Message.DamageNoted(N1, N2, term, damaged.incarnation, 0));
        damaged.raft.receive(new Message.AppendEntries(N1, N2, term, 2, term, List.of(), 0));

        assertTrue(damaged.raft.isDamaged());
    }

    @Test
    void whatOneLeaderSaidCountsForNothingUnderTheNext() {
        Damage damage = new Damage();
        damage.noted(4, 10);
        damage.agrees(4, 9);
        assertFalse(damage.isOver(4, 10));
        damage.agrees(4, 10);
        assertFalse(damage.isOver(4, 9), "not durable");
        assertTrue(damage.isOver(4, 10));

        damage.agrees(5, 12);
        assertFalse(damage.isOver(5, 12), "the leader of term 5 was not asked yet");
        damage.noted(5, 12);
        assertTrue(damage.isOver(5, 12));
    }
}
