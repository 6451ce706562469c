package dev.quorate.raft;

import dev.quorate.raft.model.Entry;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Counts what a leader has taken in and must keep in memory, because it is not committed or not durable here, so that neither
 * a cluster that cannot commit nor a disk that hangs fills memory.
 */
final class UncommittedLimit {

    private final long maxBytes;
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private long bytes;

    /**
     * @param inherited what earlier leaders left in memory that is not committed or not durable: a member that is elected again
     *     and again and commits nothing would otherwise take in the whole limit each time
     */
    UncommittedLimit(long maxBytes, List<Entry> inherited) {
        this.maxBytes = maxBytes;
        inherited.forEach(this::add);
    }

    /** Returns false if there is no place. One entry always fits, however large. */
    boolean tryAdd(Entry entry) {
        if (bytes > 0 && bytes + entry.sizeBytes() > maxBytes) {
            return false;
        }
        add(entry);
        return true;
    }

    private void add(Entry entry) {
        bytes += entry.sizeBytes();
        entries.add(entry);
    }

    /** Everything up to this index is committed and durable here. */
    void doneThrough(long index) {
        for (Entry first = entries.peek(); first != null && first.index() <= index; first = entries.peek()) {
            bytes -= first.sizeBytes();
            entries.remove();
        }
    }
}
