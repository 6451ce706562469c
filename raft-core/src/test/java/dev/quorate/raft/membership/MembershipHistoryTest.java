package dev.quorate.raft.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Thesis §4.1: the newest membership of the log is in force, committed or not. */
class MembershipHistoryTest {

    private static final Membership A = membership("a");
    private static final Membership B = membership("b");
    private static final Membership C = membership("c");

    private final MembershipHistory history = new MembershipHistory(
            new SnapshotMeta(new EntryId(10, 1), A), List.of(Entry.membership(15, 1, B), Entry.membership(20, 2, C)));

    @Test
    void theNewestOneIsInForce() {
        assertEquals(C, history.current());
    }

    @Test
    void otherEntriesChangeNothing() {
        history.appended(Entry.noOp(21, 2));

        assertEquals(C, history.current());
    }

    @Test
    void truncationRestoresTheOneBefore() {
        history.truncatedFrom(21);
        assertEquals(C, history.current());

        history.truncatedFrom(20);
        assertEquals(B, history.current());

        history.truncatedFrom(11);
        assertEquals(A, history.current());
    }

    @Test
    void eachIndexHasTheOneThatWasInForceThere() {
        assertEquals(A, history.at(10));
        assertEquals(A, history.at(14));
        assertEquals(B, history.at(15));
        assertEquals(B, history.at(19));
        assertEquals(C, history.at(99));
    }

    @Test
    void compactionKeepsTheOneThatIsInForceAtTheNewStart() {
        history.compactedThrough(17);

        assertEquals(B, history.at(17));
        assertEquals(C, history.current());
        history.truncatedFrom(18);
        assertEquals(B, history.current());
    }

    @Test
    void compactionThroughAMembershipEntryKeepsThatMembership() {
        history.compactedThrough(20);

        assertEquals(C, history.at(20));
        assertEquals(C, history.current());
    }

    @Test
    void aSnapshotReplacesTheWholeHistory() {
        history.reset(new SnapshotMeta(new EntryId(50, 3), B));

        assertEquals(B, history.current());
        assertEquals(B, history.at(50));
    }

    private static Membership membership(String... voters) {
        return Membership.of(List.of(voters).stream().map(NodeId::of).toList());
    }
}
