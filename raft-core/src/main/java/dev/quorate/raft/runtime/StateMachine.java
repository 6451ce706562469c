package dev.quorate.raft.runtime;

import dev.quorate.raft.model.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What an embedder replicates. Every member applies the same commands in the same order, so {@code apply} must be a
 * function of the state and the command alone: no clock, no randomness, no iteration over hash order.
 *
 * <p>All methods are called one after the other, never two at once: {@link #appliedIndex} and {@link #restore} by the thread that
 * starts the node, before anything else; then everything by the apply thread; {@link #close} last. Reads by other threads are
 * the embedder's business; {@link RaftNode#readIndex} says when they are linearizable.
 *
 * @param <R> what applying a command answers; handed to the proposer on the node where it was proposed
 */
public interface StateMachine<R> extends AutoCloseable {

    /**
     * The index of the last log entry whose effect this state machine holds at start. 0 for one that lives in memory. A
     * durable one writes this index together with the effect, atomically, and must not promise more than it will still hold
     * after a crash <em>only</em> when asked by {@link #snapshot}: entries after what survived are applied again.
     */
    long appliedIndex();

    /**
     * Applies committed entries, in order, without a gap. Entries of other types than {@link Entry.Type#COMMAND} only move
     * the applied index.
     *
     * @return one result per entry, in order; null for an entry that is no command
     * @throws RuntimeException stops the node: a state machine that cannot apply must not go on
     */
    List<R> apply(List<Entry> entries);

    /**
     * Writes the whole state, durably, as files into an empty directory. It must contain exactly what was applied so far.
     * The files must not change any more when this returns, also not through another name that they have. A file with the
     * same content as one of an earlier snapshot is not sent again to a member that has that; see {@link SnapshotFile} for
     * the names it may have.
     * When this returns, everything applied so far must also survive a crash of a durable state machine: the log is
     * compacted up to here.
     */
    void snapshot(Path directory) throws IOException;

    /**
     * Replaces the whole state by the one in the directory, durably. The files may be moved away or linked, but not written to:
     * they are files of a stored snapshot too.
     *
     * @param appliedIndex the index that the snapshot stands for
     */
    void restore(Path directory, long appliedIndex) throws IOException;

    @Override
    void close();
}
