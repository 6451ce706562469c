package dev.quorate.raft.simulator.world;

/**
 * One node's monotonic clock. It starts anywhere, also below zero, and may run too fast or too slow, but never jumps: that is
 * what {@link System#nanoTime} promises.
 */
final class SimulatedClock {

    private static final int FULL_RATE = 1_000;

    private long localBase;
    private long globalBase;
    private int ratePerMille = FULL_RATE;

    SimulatedClock(long localStart) {
        this.localBase = localStart;
    }

    long read(long globalNow) {
        return localBase + (globalNow - globalBase) * ratePerMille / FULL_RATE;
    }

    /** @param ratePerMille 1,000 for a clock that goes right, 2,000 for one that goes twice as fast */
    void setRate(long globalNow, int ratePerMille) {
        localBase = read(globalNow);
        globalBase = globalNow;
        this.ratePerMille = ratePerMille;
    }

    /** How much global time passes while this clock advances by {@code localNanos}. */
    long globalDuration(long localNanos) {
        return localNanos * FULL_RATE / ratePerMille;
    }
}
