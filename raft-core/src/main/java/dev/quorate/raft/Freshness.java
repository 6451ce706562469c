package dev.quorate.raft;

/**
 * How fresh this member's state is shown to be: a quorum has confirmed that what was acknowledged before an instant of this
 * member's clock stands at or before an index, and that is applied here. It stays true whoever leads later.
 */
final class Freshness {

    private record Proof(long askedNanos, long readIndex) {}

    private Proof held = new Proof(0, Long.MAX_VALUE);
    private Proof awaited = held;
    private boolean wasDoubted;
    private long doubtedAtNanos;

    /**
     * A read index was confirmed without the help of a clock.
     *
     * @param askedNanos not after the round that confirmed it began
     */
    void confirmed(long askedNanos, long readIndex, long appliedIndex) {
        settle(appliedIndex);
        if (wasDoubted && askedNanos - doubtedAtNanos <= 0) {
            return; // asked before the clock lost time, it looks younger than it is
        }
        Proof proof = new Proof(askedNanos, readIndex);
        if (readIndex <= appliedIndex) {
            held = isNewer(proof, held) ? proof : held;
        } else if (awaited.readIndex() == Long.MAX_VALUE) {
            awaited =
                    proof; // not replaced by a newer one: a member that is always a little behind would never get there
        }
    }

    /** True if everything acknowledged longer than that before now is applied here. */
    boolean isWithin(long maxStalenessNanos, long nowNanos, long appliedIndex) {
        settle(appliedIndex);
        return held.readIndex() != Long.MAX_VALUE && nowNanos - held.askedNanos() <= maxStalenessNanos;
    }

    private void settle(long appliedIndex) {
        if (awaited.readIndex() <= appliedIndex && awaited.readIndex() != Long.MAX_VALUE) {
            held = isNewer(awaited, held) ? awaited : held;
            awaited = new Proof(0, Long.MAX_VALUE);
        }
    }

    private static boolean isNewer(Proof one, Proof other) {
        return other.readIndex() == Long.MAX_VALUE || one.askedNanos() - other.askedNanos() > 0;
    }

    /**
     * The clock has lost time, and what was measured with it means nothing: neither what is confirmed, nor what was asked
     * before and will be.
     *
     * @param nowNanos the last reading before
     */
    void forget(long nowNanos) {
        wasDoubted = true;
        doubtedAtNanos = nowNanos;
        held = new Proof(0, Long.MAX_VALUE);
        awaited = held;
    }
}
