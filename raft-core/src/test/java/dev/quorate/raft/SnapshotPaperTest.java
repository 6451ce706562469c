package dev.quorate.raft;

import static dev.quorate.raft.Hand.N1;
import static dev.quorate.raft.Hand.N2;
import static dev.quorate.raft.Hand.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.Message.AppendEntriesAccepted;
import dev.quorate.raft.model.Message.InstallSnapshotResult;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The sentences of the Raft paper's §7 and figure 13, as far as they are the core's: what a snapshot does to a log. */
class SnapshotPaperTest {

    private static final Membership OTHER =
            Membership.of(List.of(NodeId.of("n1"), NodeId.of("n2"), NodeId.of("n3"), NodeId.of("n4")));

    private final Hand hand =
            new Hand(RaftConfig.builder(NodeId.of("template"), 0).trailingEntries(0));

    private List<Message> offer(long index, long term) {
        return hand.receive(new Message.InstallSnapshot(N2, N1, 3, snapshot(index, term), N2));
    }

    private List<Message> install(long index, long term) {
        return hand.says(() -> hand.node.raft.snapshotInstalled(snapshot(index, term)));
    }

    private static SnapshotMeta snapshot(long index, long term) {
        return new SnapshotMeta(new EntryId(index, term), OTHER);
    }

    private boolean fetches() {
        return hand.node.outputs.stream().anyMatch(output -> output.install() != null);
    }

    /** "If existing log entry has same index and term as snapshot's last included entry, retain log entries following it". */
    @Test
    void aSnapshotThatTheLogHoldsIsNotFetchedAndWhatFollowsStays() {
        hand.append(1, 0, 0, 0, entry(1, 1), entry(2, 1), entry(3, 1), entry(4, 1));

        List<Message> answers = offer(3, 1);

        assertEquals(List.of(new InstallSnapshotResult(N1, N2, 3, 3, true)), answers);
        assertFalse(fetches());
        assertEquals(4, hand.status().lastIndex());
        assertEquals(3, hand.status().commitIndex(), "what is in a snapshot is committed");
    }

    /** "Discard the entire log": it conflicts with the snapshot, and was not committed. */
    @Test
    void aSnapshotThatContradictsTheLogReplacesAllOfIt() {
        hand.append(1, 0, 0, 0, entry(1, 1), entry(2, 1), entry(3, 1), entry(4, 1));

        offer(3, 2);
        assertTrue(fetches());
        List<Message> answers = install(3, 2);

        assertEquals(List.of(new InstallSnapshotResult(N1, N2, 3, 3, true)), answers);
        assertEquals(3, hand.status().lastIndex());
        assertEquals(3, hand.status().commitIndex());
        assertEquals(List.of(), hand.node.disk);
    }

    /** "the log entry immediately preceding … an AppendEntries consistency check": its term is kept with the snapshot. */
    @Test
    void theEntryThatTheLogStartsAfterIsKnownByItsTerm() {
        offer(3, 2);
        install(3, 2);

        assertEquals(List.of(new AppendEntriesAccepted(N1, N2, 3, 4)), hand.append(3, 3, 2, 3, entry(4, 3)));
    }

    /** The same at the leader: it asks with the term of what it has compacted away. */
    @Test
    void aLeaderNamesTheTermOfTheEntryThatItsLogStartsAfter() {
        offer(3, 2);
        install(3, 2);
        NodeId n4 = NodeId.of("n4");
        hand.pass(3 * TestCluster.ELECTION);
        hand.receive(new Message.PreVoteResult(N2, N1, 3, 4, true));
        hand.receive(new Message.PreVoteResult(n4, N1, 3, 4, true));

        hand.receive(new Message.RequestVoteResult(N2, N1, hand.term(), true));
        List<Message> first = hand.receive(new Message.RequestVoteResult(n4, N1, hand.term(), true));

        Message.AppendEntries append = first.stream()
                .filter(message ->
                        message instanceof Message.AppendEntries && message.to().equals(n4))
                .map(Message.AppendEntries.class::cast)
                .findFirst()
                .orElseThrow();
        assertEquals(3, append.prevLogIndex());
        assertEquals(2, append.prevLogTerm());
    }

    /** "the snapshot also includes the latest configuration in the log as of last included index". */
    @Test
    void aSnapshotBringsTheMembershipThatWasInForceThere() {
        offer(3, 2);

        install(3, 2);

        assertEquals(OTHER, hand.status().membership());
    }

    /** "instead the snapshot describes a prefix of its log (due to retransmission or by mistake)": nothing goes back. */
    @Test
    void anOlderSnapshotChangesNothing() {
        hand.append(1, 0, 0, 4, entry(1, 1), entry(2, 1), entry(3, 1), entry(4, 1));

        List<Message> answers = offer(2, 1);

        assertEquals(List.of(new InstallSnapshotResult(N1, N2, 3, 2, true)), answers);
        assertFalse(fetches());
        assertEquals(4, hand.status().commitIndex());
        assertEquals(4, hand.node.applied.size());
    }

    /** "Once a server completes writing a snapshot, it may delete all log entries up through the last included index". */
    @Test
    void whatASnapshotContainsLeavesTheLog() {
        hand.append(1, 0, 0, 3, entry(1, 1), entry(2, 1), entry(3, 1), entry(4, 1));

        hand.says(() -> hand.node.raft.snapshotTaken(
                new SnapshotMeta(new EntryId(3, 1), hand.status().membership())));

        assertEquals(4, hand.status().firstIndex());
        assertEquals(List.of(entry(4, 1)), hand.node.disk);
    }

    /** "Snapshotting must be … written": one that could not be installed leaves everything as it was. */
    @Test
    void aSnapshotThatCouldNotBeInstalledChangesNothingAndIsSaidSo() {
        hand.append(1, 0, 0, 0, entry(1, 1));
        offer(3, 2);

        List<Message> answers = hand.says(() -> hand.node.raft.snapshotFailed(snapshot(3, 2)));

        assertEquals(List.of(new InstallSnapshotResult(N1, N2, 3, 3, false)), answers);
        assertEquals(1, hand.status().lastIndex());
        assertEquals(0, hand.status().commitIndex());
    }
}
