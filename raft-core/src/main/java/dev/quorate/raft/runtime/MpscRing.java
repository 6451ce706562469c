package dev.quorate.raft.runtime;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue for many producers and one consumer that allocates nothing per element.
 *
 * <pre>
 *        head (consumer)              tail (producers claim a slot, then fill it)
 *          ▼                            ▼
 *   │ · │ a │ b │ c │   │ e │   ...   │ · │      the empty slot before e: claimed, not filled yet;
 *                                                the consumer waits for it, order is kept
 * </pre>
 */
final class MpscRing<E> {

    private final AtomicReferenceArray<@Nullable E> slots;
    private final int capacity;
    private final int mask;
    private final AtomicLong head = new AtomicLong();
    private final AtomicLong tail = new AtomicLong();

    /** @param capacity how many elements may wait, 1 to 2^30 */
    MpscRing(int capacity) {
        if (capacity < 1 || capacity > 1 << 30) {
            throw new IllegalArgumentException("a queue's capacity is 1 to 2^30, got " + capacity);
        }
        this.capacity = capacity;
        int length = capacity == 1 ? 1 : Integer.highestOneBit(capacity - 1) << 1;
        this.slots = new AtomicReferenceArray<>(length);
        this.mask = length - 1;
    }

    /** False if the queue is full. Any thread. */
    boolean offer(E element) {
        long claimed = tail.get();
        while (true) {
            if (claimed - head.get() >= capacity) {
                return false;
            }
            if (tail.compareAndSet(claimed, claimed + 1)) {
                // Volatile, not only released: whoever rings the bell next must not read it before this is visible.
                slots.set((int) claimed & mask, element);
                return true;
            }
            claimed = tail.get();
        }
    }

    /** The oldest element, null if there is none or the oldest one is still being put down. The consumer only. */
    @Nullable
    E poll() {
        long at = head.get();
        int slot = (int) at & mask;
        E element = slots.getAcquire(slot);
        if (element != null) {
            slots.setRelease(slot, null);
            head.lazySet(at + 1);
        }
        return element;
    }

    /** True if {@link #poll} would return null. The consumer only. */
    boolean isEmpty() {
        return slots.get((int) head.get() & mask) == null;
    }
}
