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
     * True if this log was damaged and will begin without an entry when it is {@linkplain #recover recovered}: the files of a state
     * machine are ahead of it, and must be out of the way before that is opened. Ask before {@code recover}; a later start, with
     * what the member has got back by then, says false.
     *
     * @throws IOException if the log cannot be read
     */
    default boolean startsAnew() throws IOException {
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
     * What was durable is not what is read now. The member stops; opened again, the log says so by itself ({@link
     * Recovered#damaged}), and the member gets from others what is lost. A log that cannot do that throws a plain {@link
     * IOException} instead.
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
