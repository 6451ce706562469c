package dev.quorate.raft.simulator.world;

import dev.quorate.raft.simulator.invariant.InvariantViolation;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Simulated time: events in the order of their instants. Events of the same instant come in an order drawn from the seed, so
 * that no protocol can rely on the order in which they were scheduled.
 */
public final class Scheduler {

    /** More than any healthy run ever schedules at once: beyond it, something multiplies. */
    private static final int MAX_EVENTS = 1 << 18;

    private final SplitMix ties;
    private long[] instants = new long[1024];
    private long[] tieBreaks = new long[1024];
    private @Nullable Runnable[] events = new Runnable[1024];
    private int size;
    private long now;
    private long executed;

    public Scheduler(SplitMix ties) {
        this.ties = ties;
    }

    /** Nanoseconds since the simulation began. */
    public long now() {
        return now;
    }

    /** How many events were executed. */
    public long executed() {
        return executed;
    }

    /** Schedules an event {@code delayNanos} from now. */
    public void after(long delayNanos, Runnable event) {
        if (delayNanos < 0) {
            throw new IllegalArgumentException("an event cannot be " + -delayNanos + " ns in the past");
        }
        if (size == events.length) {
            grow();
        }
        long instant = now + delayNanos;
        long tie = ties.nextLong();
        int slot = size++;
        while (slot > 0) {
            int parent = (slot - 1) >>> 1;
            if (!isBefore(instant, tie, parent)) {
                break;
            }
            copy(parent, slot);
            slot = parent;
        }
        put(slot, instant, tie, event);
    }

    /** Executes events up to this instant, which is then the present. */
    public void runUntil(long instant) {
        while (size > 0 && instants[0] <= instant) {
            now = instants[0];
            executed++;
            removeFirst().run();
        }
        now = instant;
    }

    @SuppressWarnings("NullAway") // slots below size hold events
    private Runnable removeFirst() {
        Runnable first = events[0];
        size--;
        long instant = instants[size];
        long tie = tieBreaks[size];
        Runnable last = events[size];
        events[size] = null;
        int slot = 0;
        while (true) {
            int child = 2 * slot + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && isBefore(instants[child + 1], tieBreaks[child + 1], child)) {
                child++;
            }
            if (isBefore(instant, tie, child)) {
                break;
            }
            copy(child, slot);
            slot = child;
        }
        if (size > 0) {
            put(slot, instant, tie, last);
        }
        return first;
    }

    private boolean isBefore(long instant, long tie, int slot) {
        return instant < instants[slot] || (instant == instants[slot] && tie < tieBreaks[slot]);
    }

    private void copy(int from, int to) {
        instants[to] = instants[from];
        tieBreaks[to] = tieBreaks[from];
        events[to] = events[from];
    }

    private void put(int slot, long instant, long tie, Runnable event) {
        instants[slot] = instant;
        tieBreaks[slot] = tie;
        events[slot] = event;
    }

    private void grow() {
        if (size >= MAX_EVENTS) {
            throw new InvariantViolation("QueuesAreBounded", MAX_EVENTS + " events wait: something multiplies");
        }
        instants = Arrays.copyOf(instants, size * 2);
        tieBreaks = Arrays.copyOf(tieBreaks, size * 2);
        events = Arrays.copyOf(events, size * 2);
    }
}
