package dev.quorate.raft;

import static dev.quorate.raft.TestCluster.ELECTION;
import static dev.quorate.raft.TestCluster.HEARTBEAT;
import static dev.quorate.raft.TestCluster.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Message;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A disk that takes writes and answers none: who leads, who campaigns, and what becomes of what was proposed. */
class DiskHangTest {

    private final TestCluster cluster = new TestCluster(3);
    private final TestCluster.Node old = cluster.elect(1);

    private void hang(TestCluster.Node node) {
        node.diskWorks = false;
    }

    private TestCluster.Node otherLeader() {
        return cluster.nodes.values().stream()
                .filter(node -> node != old && node.leads())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aLeaderWhoseDiskHangsHandsItsOfficeOverAndTheWritesGoOn() {
        hang(old);
        old.raft.propose(1, List.of(bytes("before")));
        cluster.settle();
        old.outputs.clear();

        cluster.pass(2 * ELECTION + HEARTBEAT);

        assertFalse(old.leads());
        TestCluster.Node next = otherLeader();
        next.raft.propose(2, List.of(bytes("after")));
        cluster.settle();
        assertEquals(List.of("before", "after"), next.appliedCommands());
        Output.RoleChange stepDown = old.outputs.stream()
                .map(Output::roleChange)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow();
        assertEquals(RaftRole.FOLLOWER, stepDown.role());
        assertNull(stepDown.leader(), "no hint: it does not know who will lead");
    }

    @Test
    void whatTheOldLeaderTookInIsCommittedOrOverwrittenOnceItsDiskGoesOn() {
        hang(old);
        cluster.isolate(1);
        old.raft.propose(1, List.of(bytes("lost")));
        cluster.settle();
        cluster.heal();
        cluster.filter = message ->
                !(message instanceof Message.AppendEntries && message.from().equals(old.id));
        cluster.pass(3 * ELECTION);
        cluster.filter = message -> true;
        TestCluster.Node next = otherLeader();
        next.raft.propose(2, List.of(bytes("kept")));
        cluster.settle();

        old.diskWorks = true;
        cluster.pass(ELECTION);

        assertEquals(List.of("kept"), old.appliedCommands());
        assertTrue(next.leads(), "nobody was disturbed by the one that came back");
    }

    @Test
    void aSuccessorThatIsNotToldIsElectedAllTheSame() {
        cluster.filter = message -> !(message instanceof Message.TimeoutNow);
        hang(old);
        old.raft.propose(1, List.of(bytes("x")));
        cluster.settle();

        cluster.pass(6 * ELECTION);

        assertFalse(old.leads());
        assertTrue(otherLeader().raft.status().term() > 1);
    }

    @Test
    void aDiskThatIsSlowButAnswersDoesNotCostTheOffice() {
        hang(old);
        old.raft.propose(0, List.of(bytes("v0")));
        cluster.settle();
        for (int i = 1; i <= 5; i++) {
            // each waits behind the one before it, and so for longer in all than a hang is allowed to take
            cluster.pass(3 * ELECTION / 4);
            old.raft.propose(i, List.of(bytes("v" + i)));
            cluster.pass(3 * ELECTION / 4);
            cluster.write(old, Objects.requireNonNull(old.pending.poll()));
        }

        assertTrue(old.leads());
    }

    @Test
    void timeThatWasSleptThroughSaysNothingOfTheDisk() {
        hang(old);
        old.raft.propose(1, List.of(bytes("x")));
        cluster.settle();
        cluster.pass(ELECTION);

        // a pause of a minute; then everybody is heard from before the clock is looked at
        long awake = 60 * ELECTION;
        cluster.now += awake;
        cluster.nodes.values().stream()
                .filter(node -> node != old)
                .forEach(node -> old.raft.receive(new Message.AppendEntriesAccepted(
                        node.id, old.id, old.raft.status().term(), 1)));
        old.raft.tick(cluster.now + old.clockLead);

        assertFalse(old.raft.diskHangs());
    }

    @Test
    void aGroupOfOneKeepsItsLeaderBecauseNobodyElseCanLead() {
        TestCluster single = new TestCluster(1);
        TestCluster.Node only = single.elect(1);
        hang(only);
        only.raft.propose(1, List.of(bytes("x")));
        single.settle();

        single.pass(10 * ELECTION);
        assertTrue(only.leads());

        only.diskWorks = true;
        single.settle();
        assertEquals(List.of("x"), only.appliedCommands());
    }

    @Test
    void aLeaderThatIsAloneStepsDownForCheckQuorumAsEver() {
        hang(old);
        old.raft.propose(1, List.of(bytes("x")));
        cluster.settle();
        cluster.isolate(1);

        cluster.pass(ELECTION + HEARTBEAT);

        assertFalse(old.leads());
    }

    @Test
    void aMemberWhoseDiskHangsDoesNotCampaignUntilItGoesOn() {
        TestCluster.Node follower = cluster.node(2);
        hang(follower);
        old.raft.propose(1, List.of(bytes("x")));
        cluster.settle();
        cluster.pass(2 * ELECTION);
        cluster.isolate(2);
        follower.sent.clear();
        long term = follower.raft.status().term();

        cluster.pass(10 * ELECTION);

        assertEquals(term, follower.raft.status().term());
        assertNull(follower.raft.status().leader(), "it forgets the silent leader all the same");
        assertTrue(follower.sent.stream().noneMatch(Message.PreVote.class::isInstance));

        follower.diskWorks = true;
        cluster.pass(3 * ELECTION);
        assertTrue(follower.sent.stream().anyMatch(Message.PreVote.class::isInstance));
    }

    @Test
    void aMemberWhoseDiskHangsRefusesTheOfficeThatItIsOffered() {
        TestCluster.Node follower = cluster.node(2);
        hang(follower);
        old.raft.propose(1, List.of(bytes("x")));
        cluster.settle();
        cluster.pass(2 * ELECTION);
        long term = follower.raft.status().term();

        follower.raft.receive(new Message.TimeoutNow(old.id, follower.id, term, 0));

        assertEquals(term, follower.raft.status().term());
    }
}
