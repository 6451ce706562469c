package dev.quorate.raft.membership;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;

/**
 * The memberships of the log, oldest first. The last one is in force, committed or not (thesis §4.1); when the entry that
 * brought it is truncated, the one before it is in force again.
 */
public final class MembershipHistory {

    private record Change(long index, Membership membership) {}

    private final List<Change> changes = new ArrayList<>();

    public MembershipHistory(SnapshotMeta base, List<Entry> membershipEntries) {
        changes.add(new Change(base.index(), base.membership()));
        membershipEntries.forEach(this::appended);
    }

    /** The membership in force. */
    public Membership current() {
        return changes.get(changes.size() - 1).membership();
    }

    /** The membership before the one in force, as far as the log still says it; otherwise the one in force. */
    public Membership previous() {
        return changes.get(Math.max(0, changes.size() - 2)).membership();
    }

    /** What was in force before the first entry that the log still has. */
    public Membership oldest() {
        return changes.get(0).membership();
    }

    /** The entry that brought the membership in force; the log's base if it came before the log. */
    public long currentIndex() {
        return changes.get(changes.size() - 1).index();
    }

    /** The membership that was in force when the entry at this index was the last; the index is not before the base. */
    public Membership at(long index) {
        for (int i = changes.size() - 1; i > 0; i--) {
            if (changes.get(i).index() <= index) {
                return changes.get(i).membership();
            }
        }
        return changes.get(0).membership();
    }

    /** Takes note of an entry if it carries a membership. */
    public void appended(Entry entry) {
        if (entry.type() == Entry.Type.MEMBERSHIP) {
            changes.add(new Change(entry.index(), Membership.decode(entry.payload())));
        }
    }

    public void truncatedFrom(long index) {
        while (changes.size() > 1 && changes.get(changes.size() - 1).index() >= index) {
            changes.remove(changes.size() - 1);
        }
    }

    /** Forgets what was in force before the one at this index. */
    public void compactedThrough(long index) {
        while (changes.size() > 1 && changes.get(1).index() <= index) {
            changes.remove(0);
        }
    }

    public void reset(SnapshotMeta base) {
        changes.clear();
        changes.add(new Change(base.index(), base.membership()));
    }
}
