package dev.quorate.raft.quorum;

/** Where an election stands. */
public enum VoteResult {
    /** Enough members granted. */
    WON,
    /** So many refused that the rest cannot make a majority any more. */
    LOST,
    /** Neither yet. */
    PENDING
}
