package dev.quorate.raft.model;

import org.jspecify.annotations.Nullable;

/**
 * What a member must never forget: its term and whom it voted for in that term. One record, written atomically, because a
 * term without its vote is a second vote (Raft paper, figure 2, "persistent state").
 *
 * @param term the latest term this member has seen, 0 before the first
 * @param votedFor who got this member's vote in {@code term}, null if nobody did
 */
public record HardState(long term, @Nullable NodeId votedFor) {

    /** Of a member that has never heard of a term. */
    public static final HardState INITIAL = new HardState(0, null);

    /** Checks that the term is not negative. */
    public HardState {
        if (term < 0) {
            throw new IllegalArgumentException("a term is never negative, got " + term);
        }
    }
}
