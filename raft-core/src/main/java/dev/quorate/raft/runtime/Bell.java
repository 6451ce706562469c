package dev.quorate.raft.runtime;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How one thread sleeps until others have work for it. Whoever brings work puts it down first and rings then; while the
 * owner is awake that costs one volatile read, and no system call.
 */
final class Bell {

    private final AtomicReference<@Nullable Thread> sleeper = new AtomicReference<>();

    /** Wakes the owner if it sleeps or is about to. Any thread. */
    void ring() {
        if (sleeper.get() != null) {
            // Only one of several ringers pays for the wake-up.
            LockSupport.unpark(sleeper.getAndSet(null));
        }
    }

    /**
     * Sleeps until the bell rings or the time is over; may return early. The owner only.
     *
     * @param idle asked after ringers can see the sleeper: work that was put down before is seen here, work that is put down
     *     later rings
     */
    void sleep(BooleanSupplier idle, long nanos) {
        sleeper.set(Thread.currentThread());
        if (idle.getAsBoolean()) {
            LockSupport.parkNanos(this, nanos);
        }
        sleeper.set(null);
    }
}
