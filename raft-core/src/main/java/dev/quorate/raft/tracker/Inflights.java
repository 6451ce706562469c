package dev.quorate.raft.tracker;

/**
 * AppendEntries that are on their way to one follower: a bounded queue of their last indexes and sizes. Few and large: what
 * waits for a place leaves in one message.
 */
public final class Inflights {

    private final int maxAppends;
    private final long maxBytes;
    private final long[] lastIndexes;
    private final long[] sizesBytes;
    private int head;
    private int count;
    private long totalBytes;

    public Inflights(int maxAppends, long maxBytes) {
        this.maxAppends = maxAppends;
        this.maxBytes = maxBytes;
        this.lastIndexes = new long[maxAppends];
        this.sizesBytes = new long[maxAppends];
    }

    /** True if nothing more may be sent now. One append is always allowed, however large. */
    public boolean isFull() {
        return count == maxAppends || totalBytes >= maxBytes;
    }

    public int count() {
        return count;
    }

    public void add(long lastIndex, long sizeBytes) {
        if (isFull()) {
            throw new IllegalStateException("no place for an append up to " + lastIndex + ": " + count + " of "
                    + maxAppends + " places and " + totalBytes + " of " + maxBytes + " bytes are taken");
        }
        int slot = (head + count) % maxAppends;
        lastIndexes[slot] = lastIndex;
        sizesBytes[slot] = sizeBytes;
        count++;
        totalBytes += sizeBytes;
    }

    /** Frees the places of all appends that end at or before this index. */
    public void freeThrough(long index) {
        while (count > 0 && lastIndexes[head] <= index) {
            totalBytes -= sizesBytes[head];
            head = (head + 1) % maxAppends;
            count--;
        }
    }

    public void clear() {
        head = 0;
        count = 0;
        totalBytes = 0;
    }
}
