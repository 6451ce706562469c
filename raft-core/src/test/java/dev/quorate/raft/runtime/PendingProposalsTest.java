package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.NodeId;
import org.junit.jupiter.api.Test;

/** What became of a proposal is decided by the term of the entry at its index. */
final class PendingProposalsTest {

    private static final NodeId LEADER = NodeId.of("n2");

    private final PendingProposals<String> pending = new PendingProposals<>(() -> LEADER);

    private Proposal<String> placed(long index, long term, long appliedIndex) {
        Proposal<String> proposal = new Proposal<>(new byte[0], Long.MAX_VALUE);
        proposal.place(new EntryId(index, term));
        pending.add(proposal, appliedIndex);
        return proposal;
    }

    @Test
    void theSameTermMeansItWasDone() {
        Proposal<String> proposal = placed(5, 2, 4);

        pending.applied(Entry.command(5, 2, new byte[0]), "result");

        assertEquals("result", Await.value(proposal));
    }

    @Test
    void anotherTermMeansItNeverHappens() {
        Proposal<String> proposal = placed(5, 2, 4);

        pending.applied(Entry.command(5, 3, new byte[0]), "of another proposal");

        RaftException.NotLeader failure = Await.failure(RaftException.NotLeader.class, proposal);
        assertTrue(failure.isDefinite());
        assertEquals(LEADER, failure.leader());
    }

    @Test
    void twoProposalsThatWerePromisedOnePlaceAreToldApart() {
        Proposal<String> ofTheOldLeader = placed(5, 2, 4);
        Proposal<String> ofTheNewLeader = placed(5, 3, 4);

        pending.applied(Entry.command(5, 3, new byte[0]), "result");

        assertTrue(Await.failure(RaftException.NotLeader.class, ofTheOldLeader).isDefinite());
        assertEquals("result", Await.value(ofTheNewLeader));
    }

    @Test
    void aPlaceThatBecomesKnownTooLateLeavesTheOutcomeOpen() {
        Proposal<String> late = placed(5, 2, 5);

        assertFalse(Await.failure(RaftException.OutcomeUnknown.class, late).isDefinite());
    }

    @Test
    void aSnapshotOverItsPlaceLeavesTheOutcomeOpen() {
        Proposal<String> covered = placed(5, 2, 4);
        Proposal<String> later = placed(8, 2, 4);

        pending.skipped(new EntryId(7, 3));

        assertFalse(Await.failure(RaftException.OutcomeUnknown.class, covered).isDefinite());
        assertFalse(later.isDone());
    }
}
