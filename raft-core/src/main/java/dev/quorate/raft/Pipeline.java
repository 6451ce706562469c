package dev.quorate.raft;

import java.util.ArrayDeque;

/**
 * Cuts what a leader appends into batches, each of which costs every member one write, one sync and one message. While enough
 * of them are under way the next one gathers, so that a busy group takes large steps instead of many small ones, and a group
 * with nothing to do answers at once: Nagle's rule, with the commit as its clock.
 *
 * <pre>
 *   ──────────┬───────────┬───────────┬┄┄┄┄┄┄┄┄┄┄
 *    committed│ under way │ under way │ gathers
 *   ──────────┴───────────┴───────────┴┄┄┄┄┄┄┄┄┄┄
 *                             released ╯         ╰ last
 * </pre>
 */
final class Pipeline {

    private final int depth;
    private final long fullBytes;
    private final long fullEntries;
    private final ArrayDeque<Long> lastIndexes = new ArrayDeque<>();
    private long releasedIndex;
    private long gatheringBytes;

    /**
     * @param depth how many batches may be under way; at least 1
     * @param fullBytes what is this large leaves however many are under way
     * @param fullEntries likewise
     * @param releasedIndex the last index that an earlier leader may have sent
     */
    Pipeline(int depth, long fullBytes, long fullEntries, long releasedIndex) {
        this.depth = depth;
        this.fullBytes = fullBytes;
        this.fullEntries = fullEntries;
        this.releasedIndex = releasedIndex;
    }

    void appended(long sizeBytes) {
        gatheringBytes += sizeBytes;
    }

    void committedThrough(long index) {
        while (!lastIndexes.isEmpty() && lastIndexes.peek() <= index) {
            lastIndexes.remove();
        }
    }

    /**
     * Closes the batch that gathers, if there is one and it may leave.
     *
     * @param atOnce true if it must not gather any longer
     */
    void release(long lastIndex, boolean atOnce) {
        if (lastIndex == releasedIndex) {
            return;
        }
        boolean full = gatheringBytes >= fullBytes || lastIndex - releasedIndex >= fullEntries;
        if (atOnce || full || lastIndexes.size() < depth) {
            lastIndexes.add(lastIndex);
            releasedIndex = lastIndex;
            gatheringBytes = 0;
        }
    }

    /** Entries up to this index may be written and sent. */
    long releasedIndex() {
        return releasedIndex;
    }
}
