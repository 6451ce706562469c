package dev.quorate.raft;

/** What a member is at the moment. */
public enum RaftRole {
    LEADER,
    CANDIDATE,
    FOLLOWER,
    /** Follows, and counts in no quorum. */
    LEARNER
}
