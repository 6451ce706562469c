package dev.quorate.raft.simulator.observe;

/**
 * How often rare situations occurred. A simulation that never gets a cluster into trouble proves nothing: a run over many
 * seeds fails if one of these was never seen.
 */
public final class Coverage {

    /** A situation that a good run must have seen. */
    public enum Situation {
        LEADER_CHANGED,
        TWO_LEADERS_AT_ONCE,
        LEADER_STEPPED_DOWN_IN_ITS_TERM,
        UNCOMMITTED_TAIL_TRUNCATED,
        /** Raft paper, figure 8: an old entry is on a quorum of disks, and its leader must not call it committed. */
        OLD_ENTRY_ON_QUORUM_NOT_COMMITTED,
        /** Raft paper, figure 8 (d): such an entry is overwritten. */
        ENTRY_ON_QUORUM_OVERWRITTEN,
        VOTE_REFUSED_FOR_STALE_LOG,
        PRE_VOTE_REFUSED,
        SNAPSHOT_INSTALLED,
        SNAPSHOT_INSTALL_FAILED,
        LOG_COMPACTED,
        OLD_ENTRIES_FETCHED,
        FETCH_FAILED,
        READ_ACROSS_LEADER_CHANGE,
        READ_SERVED_BY_FOLLOWER,
        READ_REFUSED,
        UNSYNCED_TAIL_LOST,
        UNSYNCED_PREFIX_SURVIVED,
        /** The ABA of truncate and rewrite: entries are truncated while their write is still on its way. */
        WRITE_OVERTAKEN_BY_TRUNCATION,
        WHOLE_CLUSTER_CRASHED,
        STATE_MACHINE_BEHIND_LOG_AT_RESTART,
        PROPOSAL_FORWARDED,
        PROPOSAL_REPEATED_BY_NETWORK,
        PROPOSAL_SUPERSEDED,
        PROPOSAL_REFUSED_AS_OVERLOADED,
        ONE_WAY_PARTITION,
        NODE_PAUSED,
        CLOCK_RATE_CHANGED,
        HEALED_WITH_A_MINORITY_LEFT_OUT
    }

    private static final Situation[] SITUATIONS = Situation.values();

    private final long[] counts = new long[SITUATIONS.length];
    private final long[] seeds = new long[SITUATIONS.length];

    public void saw(Situation situation) {
        counts[situation.ordinal()]++;
    }

    /** How often the situation occurred. */
    public long count(Situation situation) {
        return counts[situation.ordinal()];
    }

    /** In how many of the seeds that were {@link #addSeed added} the situation occurred. */
    public long seeds(Situation situation) {
        return seeds[situation.ordinal()];
    }

    /** Adds what one seed saw. */
    public void addSeed(Coverage seed) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += seed.counts[i];
            if (seed.counts[i] > 0) {
                seeds[i]++;
            }
        }
    }
}
