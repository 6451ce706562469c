package dev.quorate.kv.mvcc;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * What the store may use.
 *
 * @param writeBufferBytes how much of one table is gathered in memory before it is written to disk. Small buffers keep the
 *     stop for a snapshot short and stay in the processor's cache; large ones write less often.
 * @param blockCacheBytes how much of the files is kept in memory, indexes and filters included
 * @param cachedVersions how many newest versions are kept as Java objects; rounded up to a power of two
 */
public record StoreOptions(long writeBufferBytes, long blockCacheBytes, int cachedVersions) {

    /** What one cached version takes at the most, in bytes: {@link VersionCache#MAX_PAIR_BYTES} and its objects. */
    private static final long CACHED_VERSION_BYTES = 700;

    private static final int MIN_CACHED_VERSIONS = 1 << 12;
    private static final int MAX_CACHED_VERSIONS = 1 << 20;

    private static final long WRITE_BUFFER_BYTES = 16L << 20;
    private static final long MIN_BLOCK_CACHE_BYTES = 32L << 20;
    private static final long MAX_BLOCK_CACHE_BYTES = 256L << 20;
    /** Several servers may share a machine, and the operating system caches the files as well. */
    private static final long SHARE_OF_MEMORY = 64;

    private static final long SHARE_OF_HEAP = 5;

    /** Write buffers of 16 MiB, a small share of the machine's memory for blocks, and of the heap for versions. */
    public static StoreOptions defaults() {
        long versions = Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP / CACHED_VERSION_BYTES;
        int rounded = Integer.highestOneBit((int) Math.min(versions, MAX_CACHED_VERSIONS));
        long blocks = Math.max(MIN_BLOCK_CACHE_BYTES, Math.min(memoryBytes() / SHARE_OF_MEMORY, MAX_BLOCK_CACHE_BYTES));
        return new StoreOptions(WRITE_BUFFER_BYTES, blocks, Math.max(rounded, MIN_CACHED_VERSIONS));
    }

    /** What the machine or the container has. */
    private static long memoryBytes() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean machine
                ? machine.getTotalMemorySize()
                : 0;
    }

    public StoreOptions {
        if (writeBufferBytes < 64 << 10 || blockCacheBytes < 64 << 10) {
            throw new IllegalArgumentException("writeBufferBytes " + writeBufferBytes + " and blockCacheBytes "
                    + blockCacheBytes + " must be at least 65536 each");
        }
        if (cachedVersions < 1 || cachedVersions > MAX_CACHED_VERSIONS) {
            throw new IllegalArgumentException(
                    "cachedVersions is " + cachedVersions + ", and must be from 1 to " + MAX_CACHED_VERSIONS);
        }
    }
}
