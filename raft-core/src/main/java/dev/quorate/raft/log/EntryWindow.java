package dev.quorate.raft.log;

import dev.quorate.raft.model.Entry;
import java.util.Arrays;
import java.util.List;

/** The newest entries of the log, contiguous, in a ring. */
final class EntryWindow {

    private Entry[] ring = new Entry[256];
    private long firstIndex;
    private int count;
    private long sizeBytes;

    /** @param firstIndex where the first entry will stand */
    EntryWindow(long firstIndex) {
        this.firstIndex = firstIndex;
    }

    /** The first index that is here, or where the next entry will stand if none is. */
    long firstIndex() {
        return firstIndex;
    }

    long lastIndex() {
        return firstIndex + count - 1;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    boolean isEmpty() {
        return count == 0;
    }

    Entry get(long index) {
        return ring[slot(index)];
    }

    void append(Entry entry) {
        if (count == ring.length) {
            grow();
        }
        ring[slot(entry.index())] = entry;
        count++;
        sizeBytes += entry.sizeBytes();
    }

    /** The entries from {@code from} to {@code to}, both inclusive and both here; empty if {@code from > to}. */
    List<Entry> slice(long from, long to) {
        if (from > to) {
            return List.of();
        }
        Entry[] entries = new Entry[(int) (to - from + 1)];
        int start = slot(from);
        int untilWrap = Math.min(entries.length, ring.length - start);
        System.arraycopy(ring, start, entries, 0, untilWrap);
        System.arraycopy(ring, 0, entries, untilWrap, entries.length - untilWrap);
        return List.of(entries);
    }

    void truncateFrom(long index) {
        while (count > 0 && lastIndex() >= index) {
            int slot = slot(lastIndex());
            sizeBytes -= ring[slot].sizeBytes();
            clear(slot);
            count--;
        }
        if (count == 0) {
            firstIndex = Math.min(firstIndex, index);
        }
    }

    void dropFirst() {
        int slot = slot(firstIndex);
        sizeBytes -= ring[slot].sizeBytes();
        clear(slot);
        firstIndex++;
        count--;
    }

    void reset(long newFirstIndex) {
        ring = new Entry[256];
        firstIndex = newFirstIndex;
        count = 0;
        sizeBytes = 0;
    }

    @SuppressWarnings("NullAway") // an empty slot of the ring is never read
    private void clear(int slot) {
        ring[slot] = null;
    }

    private int slot(long index) {
        return (int) (index & (ring.length - 1));
    }

    private void grow() {
        Entry[] larger = new Entry[ring.length * 2];
        for (long index = firstIndex; index <= lastIndex(); index++) {
            larger[(int) (index & (larger.length - 1))] = get(index);
        }
        ring = larger;
    }

    @Override
    public String toString() {
        return "window " + firstIndex + ".." + lastIndex() + " " + Arrays.asList(count, sizeBytes);
    }
}
