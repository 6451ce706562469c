package dev.quorate.raft.runtime;

import dev.quorate.raft.Raft;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Tells the core what time it is, and whether to believe it. {@link System#nanoTime} stands still while a machine is suspended,
 * and leases that were measured with it would outlive themselves; the wall clock does not stand still. Where the two go apart,
 * somebody slept or somebody set the wall clock: either costs no more than a round for the next reads.
 */
final class NodeClock {

    /** More than two readings of clocks are apart unless something is wrong, and little beside any election timeout. */
    private static final long LARGEST_GAP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final LongSupplier monotonicNanos;
    private final LongSupplier wallMillis;
    private long offsetNanos;

    NodeClock() {
        this(System::nanoTime, System::currentTimeMillis);
    }

    NodeClock(LongSupplier monotonicNanos, LongSupplier wallMillis) {
        this.monotonicNanos = monotonicNanos;
        this.wallMillis = wallMillis;
        this.offsetNanos = TimeUnit.MILLISECONDS.toNanos(wallMillis.getAsLong()) - monotonicNanos.getAsLong();
    }

    /**
     * Call after what the reading is for has arrived. The monotonic clock is read first: when the machine is suspended between
     * the two readings, the wall clock still shows it.
     */
    void tell(Raft raft) {
        long now = monotonicNanos.getAsLong();
        long offset = TimeUnit.MILLISECONDS.toNanos(wallMillis.getAsLong()) - now;
        if (Math.abs(offset - offsetNanos) > LARGEST_GAP_NANOS) {
            raft.clockDoubted();
            offsetNanos = offset;
        }
        raft.clock(now);
    }
}
