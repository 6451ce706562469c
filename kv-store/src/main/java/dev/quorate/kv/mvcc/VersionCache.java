package dev.quorate.kv.mvcc;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Newest versions as Java objects: a hit saves two calls into native code. Each key has one slot, which the last one of its
 * keys takes, so that the memory is bounded and nothing is ever evicted by a search.
 *
 * <p>What is found is never older than what a reader may be shown: the writer puts a version here after it is in the tables
 * and before its revision is announced. A reader that fills a slot names the slot's content as of <em>before</em> it
 * read the tables; if the writer came between, the slot has changed, and the reader's version, which may be old, is
 * dropped.
 */
final class VersionCache {

    /** Longer pairs are not kept; only where they stand is. */
    static final int MAX_PAIR_BYTES = 512;

    private final AtomicReferenceArray<@Nullable Version> slots;
    private final int mask;

    VersionCache(int capacity) {
        int size = Integer.highestOneBit(Math.max(1, capacity - 1)) * 2;
        slots = new AtomicReferenceArray<>(size);
        mask = size - 1;
    }

    private int slot(byte[] key) {
        int hash = Arrays.hashCode(key) * 0x9E3779B9;
        return (hash ^ hash >>> 16) & mask;
    }

    @Nullable
    Version get(byte[] key) {
        return ifOf(key, slots.getAcquire(slot(key)));
    }

    /** What the key's slot holds now, of whatever key. */
    @Nullable
    Version seen(byte[] key) {
        return slots.getAcquire(slot(key));
    }

    static @Nullable Version ifOf(byte[] key, @Nullable Version version) {
        return version != null && Arrays.equals(version.key(), key) ? version : null;
    }

    /** By the writer. */
    void put(Version version) {
        slots.setRelease(slot(version.key()), trimmed(version));
    }

    /** By a reader: does nothing if the slot does not hold {@code seen} any more. */
    void offer(@Nullable Version seen, Version version) {
        slots.compareAndSet(slot(version.key()), seen, trimmed(version));
    }

    /** Under a lock that keeps readers and the writer out. */
    void clear() {
        for (int i = 0; i < slots.length(); i++) {
            slots.set(i, null);
        }
    }

    private static Version trimmed(Version version) {
        byte[] pair = version.pair();
        return pair != null && pair.length > MAX_PAIR_BYTES ? version.withoutPair() : version;
    }
}
