package dev.quorate.raft;

import dev.quorate.raft.model.NodeId;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How one member behaves. Every limit of the core has its name, its default and its reason here.
 *
 * @param id this member
 * @param seed where the draws of the election timer start; two members of a group should not share it
 * @param electionTimeoutNanos how long a follower waits for its leader at least; each wait is drawn from [this, 2 × this)
 *     so that split votes end (Raft paper §9.3). Default 1 s: ten heartbeats.
 * @param heartbeatIntervalNanos how often a leader that has nothing to say speaks. Default 100 ms.
 * @param maxAppendBytes the most entry bytes in one AppendEntries; one entry always fits. Default 1 MiB: large appends
 *     cost less than many small ones, and a heartbeat still never waits long behind one.
 * @param maxAppendEntries the most entries in one AppendEntries. Default 8,192.
 * @param maxInflightBatches how many batches of proposals may be under way, handed to the disks and not committed, while
 *     the next one gathers; what fills an append leaves at once. 1 costs the least CPU per proposal; more shorten the wait
 *     where members are far apart, by a part of a round trip. Default 1.
 * @param maxInflightAppends how many AppendEntries may be on their way to one follower. Default 8: few large ones in
 *     flight beat many small ones, because what waits for a place leaves in one message.
 * @param maxInflightBytes how many entry bytes may be on their way to one follower before nothing more is sent; the last
 *     append may reach beyond it. Default 16 MiB.
 * @param maxUncommittedBytes how many entry bytes a leader holds that are not committed or not durable yet, what earlier
 *     leaders left in its memory included; proposals beyond that are refused as overloaded. One always fits if nothing is
 *     held. Default 64 MiB.
 * @param maxPendingReads how many reads may wait for confirmation; more are refused as overloaded. Default 65,536.
 * @param maxWindowBytes how many bytes of the newest durable entries stay in memory for followers and the state machine;
 *     what is not durable yet stays beyond that limit. Default 32 MiB.
 * @param trailingEntries how many entries stay in the log behind a snapshot, so that a follower that is a little late
 *     needs no snapshot. Default 20,000.
 * @param diskHangNanos how long the disk may owe an answer before this member takes it for hung: a leader gives up its
 *     office then, and nobody campaigns until a write completes. Default: two election timeouts; a disk that takes that
 *     long for one sync makes a leader that is worse than none.
 * @param forwardProposals whether a follower passes proposals on to its leader instead of refusing them. Default true.
 * @param identity which disk this member has: a number drawn when its data directory was new, written into the membership
 *     by the first leader that hears it. 0, the default, for a driver that does not know: then a member that lost its disk
 *     is not told from one that did not.
 * @param maxClockDrift by how much one member's clock may run faster than another's, as a fraction: 0.01 promises that while
 *     one clock measures 100 s no other measures more than 101 s; 0 to 10. Lease reads rest on it. Default: infinite, nothing
 *     is promised and there are no leases, because a bound that is declared and not kept makes reads stale. A member that
 *     starts without a bound, or with a shorter election timeout than before, must have been down for as long as the old
 *     election timeout.
 */
public record RaftConfig(
        NodeId id,
        long seed,
        long electionTimeoutNanos,
        long heartbeatIntervalNanos,
        long maxAppendBytes,
        int maxAppendEntries,
        int maxInflightBatches,
        int maxInflightAppends,
        long maxInflightBytes,
        long maxUncommittedBytes,
        int maxPendingReads,
        long maxWindowBytes,
        long trailingEntries,
        long diskHangNanos,
        boolean forwardProposals,
        long identity,
        double maxClockDrift) {

    /** Nothing is known of the clocks, and no lease is held. */
    public static final double UNBOUNDED_DRIFT = Double.POSITIVE_INFINITY;

    private static final double LARGEST_BOUND = 10;

    /** Checks each value against its limits. */
    public RaftConfig {
        Objects.requireNonNull(id, "id");
        atLeast("electionTimeoutNanos", electionTimeoutNanos, 1_000_000);
        atLeast("heartbeatIntervalNanos", heartbeatIntervalNanos, 1_000);
        if (electionTimeoutNanos < 2 * heartbeatIntervalNanos) {
            throw new IllegalArgumentException("electionTimeoutNanos " + electionTimeoutNanos
                    + " must be at least twice heartbeatIntervalNanos " + heartbeatIntervalNanos
                    + ", or one lost heartbeat costs the leader its office");
        }
        atLeast("maxAppendBytes", maxAppendBytes, 1);
        atLeast("maxAppendEntries", maxAppendEntries, 1);
        atLeast("maxInflightBatches", maxInflightBatches, 1);
        atLeast("maxInflightAppends", maxInflightAppends, 1);
        atLeast("maxInflightBytes", maxInflightBytes, 1);
        atLeast("maxUncommittedBytes", maxUncommittedBytes, 1);
        atLeast("maxPendingReads", maxPendingReads, 1);
        atLeast("maxWindowBytes", maxWindowBytes, 0);
        atLeast("trailingEntries", trailingEntries, 0);
        atLeast("diskHangNanos", diskHangNanos, electionTimeoutNanos);
        if (!(maxClockDrift >= 0 && maxClockDrift <= LARGEST_BOUND) && maxClockDrift != UNBOUNDED_DRIFT) {
            throw new IllegalArgumentException(
                    "maxClockDrift is " + maxClockDrift
                            + ", and must be a fraction from 0 to 10, as 0.01 for one percent; leave it out if no bound is known");
        }
    }

    /** True if a bound is declared: this member gives promises to leaders, and holds a lease when it leads. */
    public boolean usesLeases() {
        return maxClockDrift != UNBOUNDED_DRIFT;
    }

    /** The defaults for a member that shares a local network with its peers. */
    public static RaftConfig of(NodeId id, long seed) {
        return new Builder(id, seed).build();
    }

    /** The defaults, to be changed. */
    public static Builder builder(NodeId id, long seed) {
        return new Builder(id, seed);
    }

    private static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + ", and must be at least " + least);
        }
    }

    /** Sets what should differ from the defaults. */
    public static final class Builder {
        private final NodeId id;
        private final long seed;
        private long electionTimeoutNanos = 1_000_000_000L;
        private long heartbeatIntervalNanos = 100_000_000L;
        private long maxAppendBytes = 1L << 20;
        private int maxAppendEntries = 8_192;
        private int maxInflightBatches = 1;
        private int maxInflightAppends = 8;
        private long maxInflightBytes = 16L << 20;
        private long maxUncommittedBytes = 64L << 20;
        private int maxPendingReads = 65_536;
        private long maxWindowBytes = 32L << 20;
        private long trailingEntries = 20_000;
        private @Nullable Duration diskHang;
        private boolean forwardProposals = true;
        private long identity;
        private double maxClockDrift = UNBOUNDED_DRIFT;

        private Builder(NodeId id, long seed) {
            this.id = id;
            this.seed = seed;
        }

        /** See {@link RaftConfig#electionTimeoutNanos}. */
        public Builder electionTimeout(Duration value) {
            electionTimeoutNanos = value.toNanos();
            return this;
        }

        /** See {@link RaftConfig#heartbeatIntervalNanos}. */
        public Builder heartbeatInterval(Duration value) {
            heartbeatIntervalNanos = value.toNanos();
            return this;
        }

        /** See {@link RaftConfig#maxAppendBytes}. */
        public Builder maxAppendBytes(long value) {
            maxAppendBytes = value;
            return this;
        }

        /** See {@link RaftConfig#maxAppendEntries}. */
        public Builder maxAppendEntries(int value) {
            maxAppendEntries = value;
            return this;
        }

        /** See {@link RaftConfig#maxInflightBatches}. */
        public Builder maxInflightBatches(int value) {
            maxInflightBatches = value;
            return this;
        }

        /** See {@link RaftConfig#maxInflightAppends}. */
        public Builder maxInflightAppends(int value) {
            maxInflightAppends = value;
            return this;
        }

        /** See {@link RaftConfig#maxInflightBytes}. */
        public Builder maxInflightBytes(long value) {
            maxInflightBytes = value;
            return this;
        }

        /** See {@link RaftConfig#maxUncommittedBytes}. */
        public Builder maxUncommittedBytes(long value) {
            maxUncommittedBytes = value;
            return this;
        }

        /** See {@link RaftConfig#maxPendingReads}. */
        public Builder maxPendingReads(int value) {
            maxPendingReads = value;
            return this;
        }

        /** See {@link RaftConfig#maxWindowBytes}. */
        public Builder maxWindowBytes(long value) {
            maxWindowBytes = value;
            return this;
        }

        /** See {@link RaftConfig#trailingEntries}. */
        public Builder trailingEntries(long value) {
            trailingEntries = value;
            return this;
        }

        /** See {@link RaftConfig#diskHangNanos}. */
        public Builder diskHang(Duration value) {
            diskHang = value;
            return this;
        }

        /** See {@link RaftConfig#forwardProposals}. */
        public Builder forwardProposals(boolean value) {
            forwardProposals = value;
            return this;
        }

        /** See {@link RaftConfig#identity}. */
        public Builder identity(long value) {
            identity = value;
            return this;
        }

        /** See {@link RaftConfig#maxClockDrift}. */
        public Builder maxClockDrift(double value) {
            maxClockDrift = value;
            return this;
        }

        /**
         * The configuration.
         *
         * @throws IllegalArgumentException if a value is out of its limits; the message names both
         */
        public RaftConfig build() {
            return new RaftConfig(
                    id,
                    seed,
                    electionTimeoutNanos,
                    heartbeatIntervalNanos,
                    maxAppendBytes,
                    maxAppendEntries,
                    maxInflightBatches,
                    maxInflightAppends,
                    maxInflightBytes,
                    maxUncommittedBytes,
                    maxPendingReads,
                    maxWindowBytes,
                    trailingEntries,
                    diskHang == null ? 2 * electionTimeoutNanos : diskHang.toNanos(),
                    forwardProposals,
                    identity,
                    maxClockDrift);
        }
    }
}
