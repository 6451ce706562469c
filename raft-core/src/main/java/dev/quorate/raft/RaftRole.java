package dev.quorate.raft;

/** What a member is at the moment. */
public enum RaftRole {
    /** Orders proposals and replicates them. */
    LEADER,
    /** Asks for votes, or whether it would get them. */
    CANDIDATE,
    /** Takes entries from a leader, or waits for one. */
    FOLLOWER,
    /** Follows, and counts in no quorum. */
    LEARNER
}
