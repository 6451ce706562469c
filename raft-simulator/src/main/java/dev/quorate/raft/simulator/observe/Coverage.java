package dev.quorate.raft.simulator.observe;

import java.util.EnumMap;
import java.util.Map;

/**
 * How often rare situations occurred. A simulation that never gets a cluster into trouble proves nothing: a run over many
 * seeds fails if one of these was seen in less than a hundredth of them.
 */
public final class Coverage {

    private static final int SEEDS_TO_JUDGE_SHARES = 2_000;

    /** A situation that a good run must have seen. */
    public enum Situation {
        LEADER_CHANGED,
        TWO_LEADERS_AT_ONCE,
        LEADER_STEPPED_DOWN_IN_ITS_TERM,
        LEADER_STEPPED_DOWN_FOR_ITS_DISK,
        UNCOMMITTED_TAIL_TRUNCATED,
        /** Raft paper, figure 8: an old entry is on a quorum of disks, and its leader must not call it committed. */
        OLD_ENTRY_ON_QUORUM_NOT_COMMITTED,
        /** Raft paper, figure 8 (d): such an entry is overwritten. */
        ENTRY_ON_QUORUM_OVERWRITTEN(10_000),
        VOTE_REFUSED_FOR_STALE_LOG,
        PRE_VOTE_REFUSED,
        SNAPSHOT_INSTALLED,
        SNAPSHOT_INSTALL_FAILED,
        SNAPSHOT_FROM_FOLLOWER,
        /** The source crashes or is cut off when a part has arrived. */
        SNAPSHOT_SOURCE_LOST,
        /** What had arrived before is not fetched again. */
        SNAPSHOT_RESUMED,
        LOG_COMPACTED,
        OLD_ENTRIES_FETCHED,
        FETCH_FAILED,
        READ_ACROSS_LEADER_CHANGE,
        READ_SERVED_BY_FOLLOWER,
        READ_REFUSED,
        /** Answered by a leader at once, without asking anybody. */
        READ_BY_LEASE,
        /** The declared bound is broken, and a lease outlives itself: what the declaration is for. */
        STALE_READ_BY_LEASE_WITH_BROKEN_CLOCKS(10_000),
        READ_OF_WHAT_IS_FRESH_ENOUGH,
        STALE_READ_WITHIN_ITS_BOUND,
        STALE_LOCAL_READ,
        CLOCK_STOOD_STILL,
        /** A client tries again what has run already, and is told so. */
        COMMAND_REPEATED_IN_SESSION,
        SESSION_EXPIRED,
        SESSION_REFUSED,
        UNSYNCED_TAIL_LOST,
        UNSYNCED_PREFIX_SURVIVED,
        SYNC_FAILED,
        /** The ABA of truncate and rewrite: entries are truncated while their write is still on its way. */
        WRITE_OVERTAKEN_BY_TRUNCATION,
        WHOLE_CLUSTER_CRASHED,
        NODE_RESTARTED,
        STATE_MACHINE_BEHIND_LOG_AT_RESTART,
        PROPOSAL_FORWARDED,
        PROPOSAL_REPEATED_BY_NETWORK,
        PROPOSAL_SUPERSEDED,
        PROPOSAL_REFUSED_AS_OVERLOADED,
        ONE_WAY_PARTITION,
        NODE_PAUSED,
        DISK_HUNG,
        LOG_DAMAGED,
        LOG_REPAIRED,
        /** And does not give it. */
        DAMAGED_MEMBER_ASKED_FOR_ITS_VOTE,
        CLOCK_RATE_CHANGED,
        HEALED_WITH_A_MINORITY_LEFT_OUT,
        HEALED_WITH_A_DISK_THAT_HANGS,
        MEMBERSHIP_CHANGED,
        JOINT_MEMBERSHIP_LEFT,
        /** A leader inherits a joint membership that an earlier one entered. */
        JOINT_MEMBERSHIP_INHERITED,
        MEMBERSHIP_ROLLED_BACK,
        LEARNER_PROMOTED,
        LEADER_REMOVED,
        JOINED_BY_SNAPSHOT,
        LEADERSHIP_TRANSFERRED,
        TRANSFER_FAILED,
        WRITE_REFUSED_DURING_TRANSFER,
        CHANGE_REFUSED_IN_FLIGHT,
        CHANGE_REFUSED_NOT_READY,
        CHANGE_REFUSED_FOR_QUORUM,
        NODE_WIPED,
        /** A node that lost its disk answers under its old name, and does not count. */
        FORGETFUL_ANSWER_ARRIVES,
        NAME_USED_AGAIN;

        /** In how many seeds it is seen in one of them at least; below that, chance may have kept it away. */
        private final int seedsToSeeIt;

        private final double leastShare;

        Situation() {
            this.seedsToSeeIt = 500;
            this.leastShare = 0.01;
        }

        /** One so rare that it is enough to see it at all in this many seeds. */
        Situation(int seedsToSeeIt) {
            this.seedsToSeeIt = seedsToSeeIt;
            this.leastShare = 0;
        }

        /** In how many of this many seeds it must be seen: in one of 500, and in a hundredth of 2,000 and more. */
        public long leastSeeds(long seeds) {
            if (seeds >= SEEDS_TO_JUDGE_SHARES && leastShare > 0) {
                return (long) Math.ceil(seeds * leastShare);
            }
            return seeds >= seedsToSeeIt ? 1 : 0;
        }
    }

    private final Map<Situation, Long> counts = new EnumMap<>(Situation.class);
    private final Map<Situation, Long> seeds = new EnumMap<>(Situation.class);

    public void saw(Situation situation) {
        counts.merge(situation, 1L, Long::sum);
    }

    /** How often the situation occurred. */
    public long count(Situation situation) {
        return counts.getOrDefault(situation, 0L);
    }

    /** In how many of the seeds that were {@link #addSeed added} the situation occurred. */
    public long seeds(Situation situation) {
        return seeds.getOrDefault(situation, 0L);
    }

    /** Adds what one seed saw. */
    public void addSeed(Coverage seed) {
        seed.counts.forEach((situation, count) -> {
            counts.merge(situation, count, Long::sum);
            seeds.merge(situation, 1L, Long::sum);
        });
    }
}
