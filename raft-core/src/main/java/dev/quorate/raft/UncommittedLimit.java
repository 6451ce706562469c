package dev.quorate.raft;

import dev.quorate.raft.model.Entry;
import java.util.ArrayDeque;

/**
 * Counts what a leader has taken in and must keep in memory, because it is not committed or not durable here, so that neither
 * a cluster that cannot commit nor a disk that hangs fills memory.
 */
final class UncommittedLimit {

    private final long maxBytes;
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private long bytes;

    UncommittedLimit(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Returns false if there is no place. One entry always fits, however large. */
    boolean tryAdd(Entry entry) {
        if (bytes > 0 && bytes + entry.sizeBytes() > maxBytes) {
            return false;
        }
        bytes += entry.sizeBytes();
        entries.add(entry);
        return true;
    }

    /** Everything up to this index is committed and durable here. */
    void doneThrough(long index) {
        for (Entry first = entries.peek(); first != null && first.index() <= index; first = entries.peek()) {
            bytes -= first.sizeBytes();
            entries.remove();
        }
    }
}
