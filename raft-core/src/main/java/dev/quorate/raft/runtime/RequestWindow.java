package dev.quorate.raft.runtime;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The requests that the core has and nobody has answered yet, by their number. Numbers are given in order, so a ring with
 * one slot per number serves as a map, as the queue of deadlines, and as the list of whom to tell at the end. The raft
 * thread owns it; answers come on any thread and are noticed by {@link Pending#isDone}.
 */
final class RequestWindow<T extends RequestWindow.Pending> {

    interface Pending {

        boolean isDone();

        long deadlineNanos();

        void expire();
    }

    private static final int SMALLEST = 256;

    private @Nullable Object[] slots = new @Nullable Object[SMALLEST];
    private long firstNumber = 1;
    private long nextNumber = 1;

    /** The number that the next added request gets. */
    long nextNumber() {
        return nextNumber;
    }

    /** How far apart the oldest unanswered request and the newest are. */
    long size() {
        return nextNumber - firstNumber;
    }

    void add(T request) {
        if (size() == slots.length) {
            grow();
        }
        slots[slot(nextNumber)] = request;
        nextNumber++;
    }

    /** The request with this number, null if it was answered and has left, or never was. */
    @Nullable
    T get(long number) {
        return number < firstNumber || number >= nextNumber ? null : at(number);
    }

    /** Lets answered requests go from the front. Cheap: call it often. */
    void trim() {
        while (firstNumber < nextNumber) {
            T oldest = at(firstNumber);
            if (oldest != null && !oldest.isDone()) {
                return;
            }
            slots[slot(firstNumber)] = null;
            firstNumber++;
        }
        if (slots.length > SMALLEST * 16) {
            slots = new @Nullable Object[SMALLEST];
        }
    }

    /** Fails what is overdue, and lets go of what was answered behind a request that waits. */
    void expire(long nowNanos) {
        for (long number = firstNumber; number < nextNumber; number++) {
            T request = at(number);
            if (request == null) {
                continue;
            }
            if (!request.isDone() && nowNanos - request.deadlineNanos() >= 0) {
                request.expire();
            }
            if (request.isDone()) {
                slots[slot(number)] = null;
            }
        }
        trim();
    }

    /** Ends everything. */
    void drain(Consumer<T> last) {
        for (; firstNumber < nextNumber; firstNumber++) {
            T request = at(firstNumber);
            slots[slot(firstNumber)] = null;
            if (request != null && !request.isDone()) {
                last.accept(request);
            }
        }
    }

    private void grow() {
        @Nullable Object[] larger = Arrays.copyOf(slots, slots.length * 2);
        Arrays.fill(larger, null);
        for (long number = firstNumber; number < nextNumber; number++) {
            larger[(int) number & (larger.length - 1)] = at(number);
        }
        slots = larger;
    }

    @SuppressWarnings("unchecked") // only add() puts elements in
    private @Nullable T at(long number) {
        return (T) slots[slot(number)];
    }

    private int slot(long number) {
        return (int) number & (slots.length - 1);
    }
}
