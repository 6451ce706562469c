package dev.quorate.raft.log.rocksdb;

import dev.quorate.raft.model.Entry;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * Reads one group's chunks. Each call sees one moment of the database, whatever is written meanwhile. Call between
 * {@link Engine#enter} and {@link Engine#exit}. Threads: any.
 */
final class LogReader {

    private final Engine engine;
    private final long groupId;

    LogReader(Engine engine, long groupId) {
        this.engine = engine;
        this.groupId = groupId;
    }

    /** An entry that should be there is not: damage, or the log moved on under the reader. */
    static final class MissingEntryException extends CorruptLogException {
        private static final long serialVersionUID = 1L;

        private MissingEntryException(long groupId, long index, String instead) {
            super("group " + groupId + ": entry " + index + " is missing; " + instead);
        }
    }

    /**
     * Entries from {@code fromIndex} on, at least one.
     *
     * @param toIndex inclusive; must be in the log
     * @throws MissingEntryException if one of them is not there
     */
    List<Entry> read(int generation, long fromIndex, long toIndex, long maxBytes) throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (RocksIterator chunks = engine.log()) {
            chunks.seekForPrev(Keys.chunk(groupId, generation, fromIndex));
            Chunk chunk = current(chunks, generation);
            if (chunk == null || chunk.lastIndex() < fromIndex) {
                throw new MissingEntryException(groupId, fromIndex, found(chunk));
            }
            long bytes = 0;
            while (true) {
                while (chunk.next()) {
                    if (chunk.index() < fromIndex) {
                        continue;
                    }
                    bytes += chunk.sizeBytes();
                    if (bytes > maxBytes && !entries.isEmpty()) {
                        return entries;
                    }
                    entries.add(chunk.entry());
                    if (chunk.index() == toIndex) {
                        return entries;
                    }
                }
                chunks.next();
                Chunk following = current(chunks, generation);
                if (following == null) {
                    throw new MissingEntryException(groupId, chunk.lastIndex() + 1, "the chunks end before it");
                }
                requireJoin(chunk, following);
                chunk = following;
            }
        }
    }

    /** The chunk that holds the entry at {@code index}, or the nearest one before; null if there is none. */
    @Nullable
    Chunk chunkAt(int generation, long index) throws IOException {
        try (RocksIterator chunks = engine.log()) {
            chunks.seekForPrev(Keys.chunk(groupId, generation, index));
            return current(chunks, generation);
        }
    }

    /** The end of a log, and the entries before it. */
    record Tail(long lastIndex, long lastTerm, List<Entry> entries) {}

    /**
     * The newest entries after {@code baseIndex}, as many as fit into {@code maxBytes}. Reads whole chunks, checks each, and
     * that they join.
     *
     * @return null if no entry is stored after the base
     */
    @Nullable
    Tail tail(int generation, long baseIndex, long maxBytes) throws IOException {
        ArrayDeque<Chunk> read = new ArrayDeque<>();
        try (RocksIterator chunks = engine.log()) {
            chunks.seekForPrev(Keys.chunk(groupId, generation, Keys.END));
            Chunk chunk = current(chunks, generation);
            if (chunk == null || chunk.lastIndex() <= baseIndex) {
                return null;
            }
            long lastIndex = chunk.lastIndex();
            read.push(chunk);
            long bytes = chunk.bytes();
            while (bytes < maxBytes && chunk.firstIndex() > baseIndex + 1) {
                chunks.prev();
                chunk = current(chunks, generation);
                if (chunk == null) {
                    throw new MissingEntryException(
                            groupId, read.getFirst().firstIndex() - 1, "the chunks begin after it");
                }
                read.push(chunk);
                bytes += chunk.bytes();
            }
            return newest(read, baseIndex, lastIndex, maxBytes);
        }
    }

    private Tail newest(ArrayDeque<Chunk> chunks, long baseIndex, long lastIndex, long maxBytes) throws IOException {
        ArrayDeque<Entry> entries = new ArrayDeque<>();
        long bytes = 0;
        long term = 0;
        Chunk previous = null;
        for (Chunk chunk : chunks) {
            if (previous != null) {
                requireJoin(previous, chunk);
            }
            previous = chunk;
            while (chunk.next()) {
                term = chunk.term();
                if (chunk.index() > baseIndex) {
                    Entry entry = chunk.entry();
                    entries.add(entry);
                    bytes += entry.sizeBytes();
                }
                while (bytes > maxBytes) {
                    bytes -= entries.removeFirst().sizeBytes();
                }
            }
        }
        return new Tail(lastIndex, term, List.copyOf(entries));
    }

    /** The chunk under the iterator, null if that is at the end of the group's chunks. */
    private @Nullable Chunk current(RocksIterator chunks, int generation) throws IOException {
        if (!chunks.isValid()) {
            // An iterator that met a bad block ends like one that has no more.
            requireHealthy(chunks, groupId);
            return null;
        }
        byte[] key = chunks.key();
        if (!Keys.isChunkOf(key, groupId, generation)) {
            return null;
        }
        return Chunk.verified(groupId, Keys.firstIndex(key), key, chunks.value());
    }

    static void requireHealthy(RocksIterator iterator, long groupId) throws IOException {
        try {
            iterator.status();
        } catch (RocksDBException e) {
            throw Engine.failed("group " + groupId + ": the Raft log cannot be read", e);
        }
    }

    private void requireJoin(Chunk chunk, Chunk following) throws CorruptLogException {
        if (following.firstIndex() != chunk.lastIndex() + 1) {
            throw new MissingEntryException(groupId, chunk.lastIndex() + 1, found(following));
        }
        if (following.previousTerm() != chunk.term()) {
            throw new CorruptLogException("group " + groupId + ": entry " + chunk.lastIndex() + " has term "
                    + chunk.term() + ", and the entries that follow it were written after one of term "
                    + following.previousTerm());
        }
    }

    private static String found(@Nullable Chunk chunk) {
        return chunk == null
                ? "nothing is stored there"
                : "stored there are entries " + chunk.firstIndex() + " to " + chunk.lastIndex();
    }
}
