package dev.quorate.raft.model;

import java.util.Objects;

/**
 * What a snapshot, or the start of a compacted log, stands for.
 *
 * @param lastIncluded the last entry that the state contains
 * @param membership the membership in force at that entry, never a later one (thesis §5.1)
 */
public record SnapshotMeta(EntryId lastIncluded, Membership membership) {

    public SnapshotMeta {
        Objects.requireNonNull(lastIncluded, "lastIncluded");
        Objects.requireNonNull(membership, "membership");
    }

    public long index() {
        return lastIncluded.index();
    }

    public long term() {
        return lastIncluded.term();
    }
}
