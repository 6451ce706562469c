package dev.quorate.raft;

/**
 * When a member that hears nothing should act: drawn anew for every wait from [timeout, 2 × timeout), so that members that
 * collided once do not collide for ever (Raft paper §5.2). The draws are a function of the seed and of how many there were.
 */
final class ElectionTimer {

    private final long timeoutNanos;
    private long state;
    private long deadlineNanos;

    ElectionTimer(long seed, long timeoutNanos) {
        this.state = seed;
        this.timeoutNanos = timeoutNanos;
    }

    void restart(long nowNanos) {
        deadlineNanos = nowNanos + timeoutNanos + Math.floorMod(draw(), timeoutNanos);
    }

    /** The leader seems to be gone: act within half a timeout, at a moment that is drawn as well, and no later than before. */
    void hurry(long nowNanos) {
        long sooner = nowNanos + Math.floorMod(draw(), Math.max(1, timeoutNanos / 2));
        if (sooner - deadlineNanos < 0) {
            deadlineNanos = sooner;
        }
    }

    boolean isDue(long nowNanos) {
        return nowNanos - deadlineNanos >= 0;
    }

    /** SplitMix64 (Steele, Lea, Flood 2014): any seed will do, also 0. */
    private long draw() {
        state += 0x9E3779B97F4A7C15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
