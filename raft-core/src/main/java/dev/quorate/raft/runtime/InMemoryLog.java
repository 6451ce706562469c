package dev.quorate.raft.runtime;

import dev.quorate.raft.Persist;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A log that lives as long as this object: for tests of state machines, and for groups that need not survive their process.
 *
 * <p>The object stands for the <em>disk</em>. A node may be closed and another one started on it; {@link #recover} then finds
 * what was written. {@link #crash} is a power failure: a write that was under way is lost. All methods may be called from any
 * thread.
 */
public final class InMemoryLog implements DurableLog {

    /** How many entries a start hands to the core, so that a little late follower costs no reads. */
    private static final int TAIL_ENTRIES = 1_000;

    // All of it guarded by this, and durable: what is not durable is an argument of a write that has not returned.
    private long incarnation;
    private HardState hardState = HardState.INITIAL;
    private @Nullable SnapshotMeta base;
    private final List<Entry> entries = new ArrayList<>();
    private boolean syncsAreHeld;
    private boolean crashed;

    /** A disk on which nothing was ever written. */
    public InMemoryLog() {}

    @Override
    public synchronized Recovered recover(Membership initial) {
        crashed = false;
        syncsAreHeld = false;
        incarnation++;
        SnapshotMeta start = base == null ? new SnapshotMeta(EntryId.ZERO, initial) : base;
        base = start;
        List<Recovered.TermRun> runs = new ArrayList<>();
        List<Entry> memberships = new ArrayList<>();
        long term = 0;
        for (Entry entry : entries) {
            if (entry.term() != term) {
                term = entry.term();
                runs.add(new Recovered.TermRun(entry.index(), term));
            }
            if (entry.type() == Entry.Type.MEMBERSHIP) {
                memberships.add(entry);
            }
        }
        List<Entry> tail = entries.subList(Math.max(0, entries.size() - TAIL_ENTRIES), entries.size());
        return new Recovered(incarnation, hardState, start, runs, memberships, lastIndex(), tail);
    }

    @Override
    public synchronized void write(List<Persist> batch) throws IOException {
        long life = incarnation;
        while (syncsAreHeld && !crashed) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while waiting for a sync; the write is lost", e);
            }
        }
        if (crashed || life != incarnation) {
            throw new IOException("the disk crashed before the write was durable; the write is lost");
        }
        for (Persist persist : batch) {
            apply(persist);
        }
    }

    private void apply(Persist persist) throws IOException {
        if (persist.resetTo() != null) {
            base = persist.resetTo();
            entries.clear();
        }
        if (!persist.entries().isEmpty()) {
            append(persist.entries());
        }
        if (persist.compactThrough() != null) {
            compactThrough(persist.compactThrough());
        }
        if (persist.hardState() != null) {
            hardState = persist.hardState();
        }
    }

    private void append(List<Entry> added) throws IOException {
        long first = added.get(0).index();
        if (first <= baseIndex() || first > lastIndex() + 1) {
            throw new IOException("entries from index " + first + " do not join the log, which holds "
                    + (baseIndex() + 1) + " to " + lastIndex());
        }
        entries.subList(position(first), entries.size()).clear();
        entries.addAll(added);
    }

    private void compactThrough(SnapshotMeta newBase) {
        if (newBase.index() > baseIndex()) {
            entries.subList(0, Math.min(position(newBase.index() + 1), entries.size()))
                    .clear();
            base = newBase;
        }
    }

    @Override
    public synchronized List<Entry> read(long fromIndex, long toIndex, long maxBytes) throws IOException {
        if (fromIndex <= baseIndex()) {
            throw new CompactedException(fromIndex, baseIndex() + 1);
        }
        if (fromIndex > lastIndex()) {
            throw new IOException("log index " + fromIndex + " is missing; the log ends at " + lastIndex());
        }
        List<Entry> found = new ArrayList<>();
        long bytes = 0;
        for (long index = fromIndex; index <= Math.min(toIndex, lastIndex()); index++) {
            Entry entry = entries.get(position(index));
            bytes += entry.sizeBytes();
            if (bytes > maxBytes && !found.isEmpty()) {
                break;
            }
            found.add(entry);
        }
        return found;
    }

    /** From now on writes wait, as on a disk that hangs, until {@link #releaseSyncs} or {@link #crash}. */
    public synchronized void holdSyncs() {
        syncsAreHeld = true;
    }

    /** Lets the writes that wait, and all later ones, become durable. */
    public synchronized void releaseSyncs() {
        syncsAreHeld = false;
        notifyAll();
    }

    /** A power failure: a write under way is lost and fails, and so do all others until {@link #recover} is called. */
    public synchronized void crash() {
        crashed = true;
        notifyAll();
    }

    /** The newest durable entry's index; that of the snapshot before the log if it has no entries; 0 if never written. */
    public synchronized long lastIndex() {
        return baseIndex() + entries.size();
    }

    /** The oldest entry that is still there, if there is any. */
    public synchronized long firstIndex() {
        return baseIndex() + 1;
    }

    private long baseIndex() {
        return base == null ? 0 : base.index();
    }

    private int position(long index) {
        return Math.toIntExact(index - baseIndex() - 1);
    }

    /** Keeps everything: the next node goes on from here. */
    @Override
    public void close() {}
}
