package dev.quorate.raft;

import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.quorum.JointConfig;
import java.util.Map;
import java.util.TreeMap;

/**
 * Until when this leader knows, by its own clock, that nobody else can have been elected (thesis §6.4.1). Each follower's answer
 * to a heartbeat promises to vote for nobody for a while ({@link Promise}). The follower counts that from the receipt, this
 * leader from the <em>send</em> of the round, which was earlier, and takes from it what the clocks may drift apart.
 *
 * <p>All instants are nanoseconds since this leadership began, plus one: 0 is never.
 */
final class Lease {

    /** Answers to rounds older than this many count for nothing; rounds follow each other at the pace of answers. */
    private static final int ROUNDS_KEPT = 64;

    private static final long NO_ROUND_COUNTS = Long.MAX_VALUE;

    private final RaftConfig config;
    private final long startNanos;
    private final long[] sentAt = new long[ROUNDS_KEPT];
    private final Map<NodeId, Long> promisedUntil = new TreeMap<>();
    private long newestRound;
    private long lastRoundThatDoesNotCount;
    private long until;

    Lease(RaftConfig config, long nowNanos) {
        this.config = config;
        this.startNanos = nowNanos;
    }

    private long instant(long nowNanos) {
        return nowNanos - startNanos + 1;
    }

    /**
     * The promise that this round asks of everybody, 0 for none: while the office is being handed over. A leader that holds no
     * leases asks too, so that whoever was told to take over knows when that is not wanted any more.
     */
    long asks() {
        return lastRoundThatDoesNotCount != NO_ROUND_COUNTS ? config.electionTimeoutNanos() : 0;
    }

    void roundLeaves(long round, long nowNanos) {
        newestRound = round;
        sentAt[(int) (round % ROUNDS_KEPT)] = instant(nowNanos);
    }

    /** A member has answered a round with a promise. */
    void promised(NodeId by, long round, long promisedNanos, JointConfig quorum, NodeId self) {
        boolean counts = promisedNanos > 0
                && config.usesLeases()
                && round > lastRoundThatDoesNotCount
                && newestRound - round < ROUNDS_KEPT;
        if (!counts) {
            return;
        }
        long length = (long) (promisedNanos / (1 + config.maxClockDrift()));
        promisedUntil.merge(by, sentAt[(int) (round % ROUNDS_KEPT)] + length, Math::max);
        count(quorum, self);
    }

    /** A promise of somebody who has left, or who comes back with another disk, is none. */
    void membershipChanged(Membership membership, JointConfig quorum, NodeId self) {
        promisedUntil.keySet().retainAll(membership.all());
        count(quorum, self);
    }

    private void count(JointConfig quorum, NodeId self) {
        until = quorum.committedIndex(
                member -> member.equals(self) ? Long.MAX_VALUE : promisedUntil.getOrDefault(member, 0L));
    }

    /** @param nowNanos read after the request came: before, a pause would lie between the question and the answer */
    boolean holds(long nowNanos) {
        return config.usesLeases() && instant(nowNanos) < until;
    }

    /** The office is being handed over: whoever was promised to this leader may now vote for another. */
    void suspend() {
        lastRoundThatDoesNotCount = NO_ROUND_COUNTS;
        forget();
    }

    /** Only rounds after {@code round} count: this leader leads on after all, or its clock has lost time. */
    void beginAfter(long round) {
        lastRoundThatDoesNotCount = round;
        forget();
    }

    private void forget() {
        promisedUntil.clear();
        until = 0;
    }
}
