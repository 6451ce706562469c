package dev.quorate.raft.runtime;

import dev.quorate.raft.model.Entry;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What is committed and not applied yet: the ranges that the core handed over, cut into batches. Entries that were not
 * handed over are read from the log, so a state machine that falls behind costs disk reads, not memory.
 */
final class ApplyBacklog {

    /** The largest batch that a state machine gets: enough to pay for its write, small enough to react in between. */
    static final int MAX_BATCH_ENTRIES = 4_096;

    static final long MAX_BATCH_BYTES = 4L << 20;

    /** How many bytes of entries may wait for the apply thread in memory. What comes on top is read from the log later. */
    static final long MAX_WAITING_BYTES = 64L << 20;

    private final DurableLog log;
    /** Counted up by the raft thread, down by the apply thread. */
    private final AtomicLong waitingBytes = new AtomicLong();

    private final ArrayDeque<List<Entry>> parts = new ArrayDeque<>();
    /** How many entries of the first part are consumed. */
    private int consumed;

    private long consumedBytes;

    private long lastIndex;

    ApplyBacklog(DurableLog log) {
        this.log = log;
    }

    /** The entries that may be handed to {@link #extend}: all of them, or none if too much waits. The raft thread. */
    List<Entry> admit(List<Entry> entries) {
        long bytes = 0;
        for (Entry entry : entries) {
            bytes += entry.sizeBytes();
        }
        if (waitingBytes.get() + bytes > MAX_WAITING_BYTES) {
            return List.of();
        }
        waitingBytes.addAndGet(bytes);
        return entries;
    }

    /** Everything below is for the apply thread. */
    void extend(long newLastIndex, List<Entry> entries) {
        lastIndex = Math.max(lastIndex, newLastIndex);
        if (!entries.isEmpty()) {
            parts.add(entries);
        }
    }

    /**
     * The next entries after {@code appliedIndex}, without a gap, null if there are none.
     *
     * @throws IOException if they had to be read and could not be
     */
    @Nullable
    List<Entry> next(long appliedIndex) throws IOException {
        long bytesBefore = consumedBytes;
        Entry head = headAfter(appliedIndex);
        try {
            return appliedIndex >= lastIndex ? null : next(head, appliedIndex);
        } finally {
            waitingBytes.addAndGet(bytesBefore - consumedBytes);
        }
    }

    private List<Entry> next(@Nullable Entry head, long appliedIndex) throws IOException {
        if (head == null || head.index() > appliedIndex + 1) {
            long gapEnd = head == null ? lastIndex : head.index() - 1;
            long to = Math.min(gapEnd, appliedIndex + MAX_BATCH_ENTRIES);
            return log.read(appliedIndex + 1, to, MAX_BATCH_BYTES);
        }
        return takeContiguous(head);
    }

    private List<Entry> takeContiguous(Entry first) {
        List<Entry> batch = new ArrayList<>(Math.min(MAX_BATCH_ENTRIES, (int) (lastIndex - first.index() + 1)));
        long bytes = 0;
        Entry next = first;
        do {
            batch.add(next);
            bytes += next.sizeBytes();
            advance(next);
            next = head();
        } while (next != null
                && next.index() == first.index() + batch.size()
                && batch.size() < MAX_BATCH_ENTRIES
                && bytes + next.sizeBytes() <= MAX_BATCH_BYTES);
        return batch;
    }

    private @Nullable Entry headAfter(long appliedIndex) {
        Entry head = head();
        while (head != null && head.index() <= appliedIndex) {
            advance(head);
            head = head();
        }
        return head;
    }

    private @Nullable Entry head() {
        List<Entry> part = parts.peek();
        return part == null ? null : part.get(consumed);
    }

    private void advance(Entry head) {
        consumedBytes += head.sizeBytes();
        consumed++;
        if (consumed == parts.getFirst().size()) {
            parts.remove();
            consumed = 0;
        }
    }
}
