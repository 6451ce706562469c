package dev.quorate.raft.simulator.world;

/**
 * A stream of random numbers (SplitMix64; Steele, Lea, Flood 2014). Each part of the world has a stream of its own, derived
 * from the seed and the part's name, so that a change in one part does not reshuffle all the others.
 */
public final class SplitMix {

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    private SplitMix(long state) {
        this.state = state;
    }

    /** The stream of the part with this name under this seed. */
    public static SplitMix of(long seed, String part) {
        long state = new SplitMix(seed).nextLong();
        for (int i = 0; i < part.length(); i++) {
            state = new SplitMix(state ^ part.charAt(i)).nextLong();
        }
        return new SplitMix(state);
    }

    public long nextLong() {
        state += GOLDEN_GAMMA;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** Uniform in [0, 1). */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /** Uniform in [0, bound). */
    public int below(int bound) {
        return (int) between(0, bound);
    }

    /** Uniform in [least, bound). */
    public long between(long least, long bound) {
        if (least >= bound) {
            throw new IllegalArgumentException("nothing lies in [" + least + ", " + bound + ")");
        }
        return least + Math.floorMod(nextLong() >>> 1, bound - least);
    }

    /** Uniform in [least, bound). */
    public double between(double least, double bound) {
        return least + nextDouble() * (bound - least);
    }

    /** True with this probability. */
    public boolean chance(double probability) {
        return nextDouble() < probability;
    }

    /**
     * Exponential with this mean, cut at ten times the mean. Computed with {@link StrictMath}: the same on every machine.
     */
    public long exponential(long mean) {
        double drawn = -StrictMath.log(1 - nextDouble()) * mean;
        return (long) Math.min(drawn, 10.0 * mean);
    }

    /** One of these. */
    @SafeVarargs
    public final <T> T oneOf(T... choices) {
        return choices[below(choices.length)];
    }
}
