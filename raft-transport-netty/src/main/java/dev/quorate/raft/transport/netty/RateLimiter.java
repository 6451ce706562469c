package dev.quorate.raft.transport.netty;

/** Spreads bytes over time: says how long to wait before the next ones may go. Any thread. */
final class RateLimiter {

    private static final double NANOS_PER_SECOND = 1e9;

    private final long bytesPerSecond;
    private long freeAtNanos;

    RateLimiter(long bytesPerSecond, long nowNanos) {
        this.bytesPerSecond = bytesPerSecond;
        this.freeAtNanos = nowNanos;
    }

    /**
     * Takes the next place in the line.
     *
     * @return how many nanoseconds to wait before sending, 0 for none; time that nobody used is not saved up
     */
    synchronized long reserve(long bytes, long nowNanos) {
        long start = Math.max(0, freeAtNanos - nowNanos);
        freeAtNanos = nowNanos + start + (long) (bytes * NANOS_PER_SECOND / bytesPerSecond);
        return start;
    }
}
