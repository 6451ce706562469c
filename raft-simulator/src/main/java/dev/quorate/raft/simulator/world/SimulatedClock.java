package dev.quorate.raft.simulator.world;

import java.util.ArrayList;
import java.util.List;

/**
 * One node's monotonic clock. It starts anywhere, also below zero, and may run too fast or too slow, but never jumps: that is
 * what {@link System#nanoTime} promises. While its machine is suspended it stands still.
 */
final class SimulatedClock {

    private static final long FULL_RATE = 1_000;

    /** From a global instant on the clock has one rate. */
    private record Piece(long global, long local, int ratePerMille) {
        long read(long globalNow) {
            return local + (globalNow - global) * ratePerMille / FULL_RATE;
        }
    }

    /** As if it never stood still. */
    private final List<Piece> pieces = new ArrayList<>();

    private long lost;
    private boolean stands;
    private long stoodAt;

    SimulatedClock(long localStart) {
        pieces.add(new Piece(0, localStart, (int) FULL_RATE));
    }

    private Piece current() {
        return pieces.get(pieces.size() - 1);
    }

    long read(long globalNow) {
        return stands ? stoodAt : current().read(globalNow) - lost;
    }

    /** @param ratePerMille 1,000 for a clock that goes right, 2,000 for one that goes twice as fast */
    void setRate(long globalNow, int ratePerMille) {
        pieces.add(new Piece(globalNow, current().read(globalNow), ratePerMille));
    }

    /** The machine is suspended. */
    void stand(long globalNow) {
        stoodAt = read(globalNow);
        stands = true;
    }

    boolean stands() {
        return stands;
    }

    /** The machine goes on, and does not know how long it stood. */
    void go(long globalNow) {
        stands = false;
        lost = current().read(globalNow) - stoodAt;
    }

    /** How much global time passes while this clock advances by {@code localNanos}, if it does not stand still. */
    long globalDuration(long localNanos) {
        return localNanos * FULL_RATE / current().ratePerMille();
    }

    /**
     * The global instant that lies {@code localNanos} of this clock before another, as if it had never stood still; -1 if
     * that is before the world began.
     */
    long before(long globalInstant, long localNanos) {
        int i = pieces.size() - 1;
        while (pieces.get(i).global() > globalInstant) {
            i--;
        }
        long local = pieces.get(i).read(globalInstant) - localNanos;
        for (; i >= 0; i--) {
            Piece piece = pieces.get(i);
            if (local >= piece.local()) {
                return piece.global() + (local - piece.local()) * FULL_RATE / piece.ratePerMille();
            }
        }
        return -1;
    }
}
