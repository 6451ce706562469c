package dev.quorate.jepsen.client;

/** The one clock of a run: nanoseconds since its start, monotonic. */
public final class RunClock {

    private final long startNanos = System.nanoTime();

    public long nowNanos() {
        return System.nanoTime() - startNanos;
    }
}
