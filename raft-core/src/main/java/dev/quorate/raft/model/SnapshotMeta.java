package dev.quorate.raft.model;

import java.util.Objects;

/**
 * What a snapshot, or the start of a compacted log, stands for.
 *
 * @param lastIncluded the last entry that the state contains
 * @param membership the membership in force at that entry, never a later one (thesis §5.1)
 */
public record SnapshotMeta(EntryId lastIncluded, Membership membership) {

    /** Checks that both are there. */
    public SnapshotMeta {
        Objects.requireNonNull(lastIncluded, "lastIncluded");
        Objects.requireNonNull(membership, "membership");
    }

    /** The last index that the state contains. */
    public long index() {
        return lastIncluded.index();
    }

    /** The term of the entry there. */
    public long term() {
        return lastIncluded.term();
    }
}
