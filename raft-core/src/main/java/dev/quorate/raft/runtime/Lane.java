package dev.quorate.raft.runtime;

import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The way to a thread that does one kind of work in order: its queue and its bell. It has no bound of its own, because
 * nothing may be lost on it; each user says what bounds it.
 */
final class Lane<T> {

    private static final long FOREVER_NANOS = Long.MAX_VALUE;

    private final ConcurrentLinkedQueue<T> queue = new ConcurrentLinkedQueue<>();
    private final Bell bell = new Bell();
    private volatile boolean closed;

    void put(T work) {
        queue.add(work);
        bell.ring();
    }

    /** For work that can wait until something else wakes the owner. */
    void putQuietly(T work) {
        queue.add(work);
    }

    /** Tells the owner to end. What it does with the work that still waits is its own decision. */
    void close() {
        closed = true;
        bell.ring();
    }

    boolean isClosed() {
        return closed;
    }

    /** The owner only. */
    @Nullable
    T poll() {
        return queue.poll();
    }

    /** Sleeps until there may be work, or the lane is closed. The owner only. */
    void await() {
        bell.sleep(() -> queue.isEmpty() && !closed, FOREVER_NANOS);
    }
}
