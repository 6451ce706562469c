package dev.quorate.kv.watch;

/**
 * How much memory watches may take, beside what is on its way to clients. Past a limit nothing is lost: what is not in memory is read
 * from the table of revisions.
 *
 * @param handedOverBytes changes that wait to be given to watchers; what comes on top is read from the table later
 * @param recentChanges how many of the newest changes are kept for watchers that are a little late; a power of two
 * @param recentBytes how many bytes these have at the most
 * @param responseBytes a response ends with the revision that brings it here
 * @param scanRows how many rows one look at the table passes: it keeps a restore of a snapshot waiting
 * @param watchers how many there may be
 */
public record WatchLimits(
        long handedOverBytes, int recentChanges, long recentBytes, long responseBytes, int scanRows, int watchers) {

    /** 16 MiB on their way, 8 MiB or 16,384 changes kept, responses of 1 MiB, a million watchers. */
    public static final WatchLimits DEFAULTS = new WatchLimits(16 << 20, 1 << 14, 8 << 20, 1 << 20, 10_000, 1_000_000);

    public WatchLimits {
        if (handedOverBytes < 1 || recentBytes < 1 || responseBytes < 1 || scanRows < 1 || watchers < 1) {
            throw new IllegalArgumentException("every limit of watches must be at least 1");
        }
        if (Integer.bitCount(recentChanges) != 1) {
            throw new IllegalArgumentException("recentChanges is " + recentChanges + ", and must be a power of two");
        }
    }
}
