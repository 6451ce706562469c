package dev.quorate.raft.simulator.world;

import dev.quorate.raft.ReadConsistency;
import java.time.Duration;

/**
 * Which consistencies the reads of one seed ask for, and how far its clocks go apart.
 *
 * @param holdsLeases true if the members declare a bound
 * @param maxClockDrift what they declare, see {@link dev.quorate.raft.RaftConfig#maxClockDrift}
 * @param slowestPerMille no clock is slower
 * @param fastestPerMille no clock is faster
 * @param keepsBound false if the clocks may break what is declared: then reads by lease are not judged, and all others are
 * @param suspends true if machines are suspended: nothing runs, and the monotonic clock stands still
 * @param mixed false if all reads are linearizable
 * @param isLeaseTrial see {@link LeaseTrial}
 */
record ReadPlan(
        boolean holdsLeases,
        double maxClockDrift,
        int slowestPerMille,
        int fastestPerMille,
        boolean keepsBound,
        boolean suspends,
        boolean mixed,
        boolean isLeaseTrial) {

    private static final int RIGHT = 1_000;
    private static final int SLOWEST = 500;
    private static final int FASTEST = 2_000;

    static ReadPlan draw(SplitMix random) {
        boolean holdsLeases = random.chance(0.5);
        boolean isLeaseTrial = holdsLeases && random.chance(0.3);
        double drift = isLeaseTrial ? random.oneOf(0.0, 1.0, 3.0, 3.0) : random.oneOf(0.0, 0.02, 0.5, 1.0, 3.0);
        boolean keepsBound = random.chance(0.75);
        boolean suspends = random.chance(0.3);
        boolean mixed = random.chance(holdsLeases ? 0.9 : 0.4);
        int slowest = SLOWEST;
        int fastest = FASTEST;
        if (holdsLeases && keepsBound) {
            fastest = Math.min(FASTEST, (int) (RIGHT * (1 + drift)));
            fastest = isLeaseTrial ? fastest : (int) random.between(RIGHT, fastest + 1L);
            slowest = Math.max(SLOWEST, (int) Math.ceil(fastest / (1 + drift)));
        }
        return new ReadPlan(
                holdsLeases, drift, slowest, fastest, keepsBound, suspends, mixed || isLeaseTrial, isLeaseTrial);
    }

    /** What a read of this seed asks for. */
    ReadConsistency consistency(SplitMix random) {
        double drawn = mixed ? random.nextDouble() : 1;
        if (drawn < 0.15) {
            return ReadConsistency.boundedStaleness(
                    Duration.ofNanos(Nanos.ofMillis(random.oneOf(1.0, 50.0, 300.0, 2_000.0))));
        } else if (drawn < 0.25) {
            return ReadConsistency.LOCAL;
        } else if (drawn < (holdsLeases ? 0.75 : 0.35)) {
            return ReadConsistency.LEASE;
        }
        return ReadConsistency.LINEARIZABLE;
    }

    /** A rate of a clock of this seed: one of the slowest, or from the faster two thirds. */
    int rate(SplitMix random, boolean slow) {
        if (isLeaseTrial && random.chance(0.7)) {
            return slow ? slowestPerMille : fastestPerMille;
        }
        int range = fastestPerMille - slowestPerMille;
        return (int)
                (slow
                        ? random.between(slowestPerMille, slowestPerMille + range / 7 + 1)
                        : random.between(slowestPerMille + range / 3, fastestPerMille + 1));
    }

    /** Any rate of a clock of this seed. */
    int anyRate(SplitMix random) {
        return (int) random.between(slowestPerMille, fastestPerMille + 1);
    }

    /** About right: what clocks do when nothing is wrong. */
    int calmRate(SplitMix random) {
        int drawn = (int) random.between(950, 1_051);
        return Math.max(slowestPerMille, Math.min(fastestPerMille, drawn));
    }
}
