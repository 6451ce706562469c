package dev.quorate.raft.membership;

/**
 * Whether a learner has caught up (thesis §4.2.1). Replication to it is divided into rounds: each is over when the learner
 * holds all that the log held when the round began. It has caught up when a round takes less than an election timeout: then
 * what it lacks as a voter costs the group no more than an election would. A round that takes longer says that it is still
 * behind, or too slow.
 */
public final class CatchUp {

    private final long roundLimitNanos;
    private long roundTarget;
    private long roundStartNanos;
    private boolean isCaughtUp;

    /** @param lastIndex the leader's last entry when the first round begins */
    public CatchUp(long lastIndex, long nowNanos, long roundLimitNanos) {
        this.roundLimitNanos = roundLimitNanos;
        this.roundTarget = lastIndex;
        this.roundStartNanos = nowNanos;
    }

    /**
     * Looks again.
     *
     * @param match the last entry that the learner is known to hold
     * @param lastIndex the leader's last entry
     */
    public void observe(long match, long lastIndex, long nowNanos) {
        boolean isInTime = nowNanos - roundStartNanos < roundLimitNanos;
        if (match >= roundTarget) {
            isCaughtUp = isInTime || match >= lastIndex;
            roundTarget = lastIndex;
            roundStartNanos = nowNanos;
        } else if (!isInTime) {
            isCaughtUp = false;
        }
    }

    public boolean isCaughtUp() {
        return isCaughtUp;
    }
}
