package dev.quorate.raft;

import java.time.Duration;

/**
 * What a read may miss. The same words in the library, the store and the CLI.
 *
 * <table>
 * <caption>What each promises, and what it rests on</caption>
 * <tr><td>{@link #LINEARIZABLE}<td>everything acknowledged before the read<td>a quorum is asked (thesis §6.4): no clock
 * <tr><td>{@link #LEASE}<td>the same<td>clocks keep {@link RaftConfig#maxClockDrift}; where that cannot be vouched for, a quorum
 *     is asked
 * <tr><td>{@link #boundedStaleness}<td>everything acknowledged longer ago than the bound<td>this member's own clock
 * <tr><td>{@link #LOCAL}<td>what this member has<td>nothing: it may be any time behind, and after a restart go back
 * </table>
 *
 * @param maxStalenessNanos how far behind the answer may be, before the read was asked; 0 for every level but {@link
 *     Level#BOUNDED_STALENESS}
 */
public record ReadConsistency(Level level, long maxStalenessNanos) {

    /** The kinds of promise, from the strongest. */
    public enum Level {
        /** Misses nothing; a quorum is asked. */
        LINEARIZABLE,
        /** Misses nothing as long as clocks keep their bound; nobody is asked. */
        LEASE,
        /** Misses no more than a time. */
        BOUNDED_STALENESS,
        /** What this member has. */
        LOCAL
    }

    /** Confirmed by a quorum in a round that starts after the read was asked. */
    public static final ReadConsistency LINEARIZABLE = new ReadConsistency(Level.LINEARIZABLE, 0);

    /** Linearizable without a round, while the leader holds a lease. */
    public static final ReadConsistency LEASE = new ReadConsistency(Level.LEASE, 0);

    /** What this member has applied. */
    public static final ReadConsistency LOCAL = new ReadConsistency(Level.LOCAL, 0);

    /** Checks that a bound is there exactly where it has a meaning. */
    public ReadConsistency {
        boolean isBounded = level == Level.BOUNDED_STALENESS;
        if (isBounded != maxStalenessNanos > 0) {
            throw new IllegalArgumentException("maxStaleness is " + maxStalenessNanos + " ns for " + level
                    + ", and must be more than 0 for BOUNDED_STALENESS and absent for every other consistency");
        }
    }

    /**
     * The answer holds everything that was acknowledged anywhere earlier than {@code maxStaleness} before the read was asked.
     * Served from this member's state if that is shown to be so fresh; otherwise like {@link #LINEARIZABLE}.
     *
     * @param maxStaleness more than zero, measured by this member's clock
     * @throws IllegalArgumentException if it is zero or less
     * @throws ArithmeticException if it is longer than 292 years
     */
    public static ReadConsistency boundedStaleness(Duration maxStaleness) {
        return new ReadConsistency(Level.BOUNDED_STALENESS, maxStaleness.toNanos());
    }
}
