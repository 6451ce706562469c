package dev.quorate.raft.simulator.observe;

import dev.quorate.raft.model.Entry;
import java.util.Arrays;

/** 64-bit mixing. Not secure: the simulator has no adversary that chooses payloads. */
public final class Hashing {

    private Hashing() {}

    /** Folds a value into a running hash. */
    public static long mix(long hash, long value) {
        long z = (hash ^ value) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 32)) * 0xD6E8FEB86659FD93L;
        return z ^ (z >>> 32);
    }

    /**
     * The hash of a log that ends with {@code entry}, from the hash of the log before it. Two logs with equal hashes are
     * equal from the first entry on: comparing whole prefixes costs one comparison.
     */
    public static long chain(long before, Entry entry) {
        long hash = mix(before, entry.index());
        hash = mix(hash, entry.term() * 4 + entry.type().number());
        return mix(hash, Arrays.hashCode(entry.payload()));
    }
}
