package dev.quorate.raft.runtime;

import dev.quorate.raft.Persist;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Recovered;
import java.io.IOException;
import java.util.List;

/**
 * Where one member of one group keeps its log, its term and its vote.
 *
 * <p>Threads: {@link #recover} is called once, before anything else. {@link #write} is called by one thread only.
 * {@link #read} may be called by several others at the same time as {@code write}.
 */
public interface DurableLog extends AutoCloseable {

    /**
     * Reads what survived and begins a new life: the incarnation that is returned is durable already.
     *
     * @param initial the group's first membership, used only if this log has never been written
     * @throws IOException if the log cannot be read or is corrupt; nothing was changed
     */
    Recovered recover(Membership initial) throws IOException;

    /**
     * True if {@link #recover} will say, or has said, that entries are lost which this member acknowledged, and they are not back yet.
     * Who keeps a state machine's files must know it before, as they may be ahead of what is left of the log.
     *
     * @throws IOException if the log cannot be read
     */
    default boolean isDamaged() throws IOException {
        return false;
    }

    /**
     * Writes all of these in their order, atomically each, and returns when they are durable. One sync for all of them.
     *
     * @throws IOException if a write or a sync failed. The outcome is unknown: the caller stops the node, never retries and
     *     never acknowledges (a later sync may report success for pages that the failed one dropped).
     */
    void write(List<Persist> batch) throws IOException;

    /**
     * Reads durable entries, in order, from {@code fromIndex}.
     *
     * @param toIndex inclusive
     * @param maxBytes stop before the sum of {@link Entry#sizeBytes} exceeds this, but return at least one entry
     * @return at least one entry
     * @throws CompactedException if {@code fromIndex} is not in the log any more
     * @throws IOException if an entry is missing or fails its checksum
     */
    List<Entry> read(long fromIndex, long toIndex, long maxBytes) throws IOException;

    @Override
    void close();

    /**
     * What was durable is not what is read now. The member must not go on as if it were whole; opened again, the log may be able
     * to say so by itself ({@link Recovered#damaged}).
     */
    class DamagedException extends IOException {
        private static final long serialVersionUID = 1L;

        /** Says what was expected and what was found, and where. */
        public DamagedException(String message) {
            super(message);
        }

        /** As above, with what the storage said. */
        public DamagedException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The asked entry was compacted away; a snapshot holds its effect. */
    final class CompactedException extends IOException {
        private static final long serialVersionUID = 1L;

        /** Says what was asked for, and where the log begins now. */
        public CompactedException(long index, long firstIndex) {
            super("log index " + index + " is compacted away; the log starts at " + firstIndex);
        }
    }
}
