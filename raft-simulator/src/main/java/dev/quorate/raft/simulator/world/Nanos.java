package dev.quorate.raft.simulator.world;

/** Units of simulated time, in nanoseconds. */
public final class Nanos {

    public static final long PER_MILLI = 1_000_000L;
    public static final long PER_SECOND = 1_000_000_000L;

    private Nanos() {}

    public static long ofMillis(double millis) {
        return (long) (millis * PER_MILLI);
    }

    public static long ofSeconds(double seconds) {
        return (long) (seconds * PER_SECOND);
    }
}
