package dev.quorate.kv.mvcc;

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

    /** 16 MiB of write buffer for each table, 64 MiB of block cache, and at the most a fifth of the heap for versions. */
    public static StoreOptions defaults() {
        long versions = Runtime.getRuntime().maxMemory() / 5 / CACHED_VERSION_BYTES;
        int rounded = Integer.highestOneBit((int) Math.min(versions, MAX_CACHED_VERSIONS));
        return new StoreOptions(16L << 20, 64L << 20, Math.max(rounded, MIN_CACHED_VERSIONS));
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
