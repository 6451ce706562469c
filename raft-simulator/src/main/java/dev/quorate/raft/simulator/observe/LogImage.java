package dev.quorate.raft.simulator.observe;

import dev.quorate.raft.Persist;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * A log as its writes describe it, with the hash of every prefix. One image stands for what a core holds (it has taken every
 * Persist that was handed out), another for what its disk holds (it has taken those that are durable).
 */
public final class LogImage {

    private SnapshotMeta base;
    private long baseChain;
    private Entry[] entries;
    private long[] chains;
    private int size;

    /** @param baseChain the hash of the log up to and including {@code base} */
    public LogImage(SnapshotMeta base, long baseChain) {
        this.base = base;
        this.baseChain = baseChain;
        this.entries = new Entry[64];
        this.chains = new long[64];
    }

    /** A copy that changes on its own from now on. */
    public LogImage copy() {
        LogImage copy = new LogImage(base, baseChain);
        copy.entries = entries.clone();
        copy.chains = chains.clone();
        copy.size = size;
        return copy;
    }

    public SnapshotMeta base() {
        return base;
    }

    public long baseIndex() {
        return base.index();
    }

    public long lastIndex() {
        return base.index() + size;
    }

    public long lastTerm() {
        return size == 0 ? base.term() : entries[size - 1].term();
    }

    public EntryId last() {
        return new EntryId(lastIndex(), lastTerm());
    }

    /** True if {@code index} is an entry of this log or its base: its term and hash are known. */
    public boolean knows(long index) {
        return index >= base.index() && index <= lastIndex();
    }

    public long termAt(long index) {
        return index == base.index() ? base.term() : entry(index).term();
    }

    /** The hash of this log up to and including {@code index}. */
    public long chainAt(long index) {
        return index == base.index() ? baseChain : chains[slot(index)];
    }

    public Entry entry(long index) {
        return entries[slot(index)];
    }

    /** The entries from one index to another, both inclusive, all of which must be here. */
    public List<Entry> entries(long fromIndex, long toIndex) {
        if (fromIndex > toIndex) {
            return List.of();
        }
        int from = slot(fromIndex);
        return Collections.unmodifiableList(
                new ArrayList<>(Arrays.asList(entries).subList(from, slot(toIndex) + 1)));
    }

    /**
     * Carries out one write, in the order that {@link Persist} prescribes.
     *
     * @param committedChain the hash of the committed log up to an index: what a snapshot that replaces the log stands for
     */
    public void apply(Persist persist, LongUnaryOperator committedChain) {
        SnapshotMeta reset = persist.resetTo();
        if (reset != null) {
            base = reset;
            baseChain = committedChain.applyAsLong(reset.index());
            Arrays.fill(entries, 0, size, null);
            size = 0;
        }
        List<Entry> written = persist.entries();
        if (!written.isEmpty()) {
            truncateFrom(written.get(0).index());
            for (Entry entry : written) {
                append(entry);
            }
        }
        SnapshotMeta compact = persist.compactThrough();
        if (compact != null && compact.index() > base.index()) {
            compactThrough(compact);
        }
    }

    /** The entries from this one on are lost. */
    void loseFrom(long index) {
        truncateFrom(index);
    }

    private void truncateFrom(long index) {
        if (index <= base.index() || index > lastIndex() + 1) {
            throw new IllegalStateException("a write starts at index " + index + ", but the log holds (" + base.index()
                    + ", " + lastIndex() + "]");
        }
        int keep = (int) (index - base.index() - 1);
        Arrays.fill(entries, keep, size, null);
        size = keep;
    }

    private void append(Entry entry) {
        if (entry.index() != lastIndex() + 1) {
            throw new IllegalStateException(
                    "entry " + entry + " is written after index " + lastIndex() + ": the write has a gap");
        }
        if (size == entries.length) {
            entries = Arrays.copyOf(entries, size * 2);
            chains = Arrays.copyOf(chains, size * 2);
        }
        long before = size == 0 ? baseChain : chains[size - 1];
        entries[size] = entry;
        chains[size] = Hashing.chain(before, entry);
        size++;
    }

    private void compactThrough(SnapshotMeta meta) {
        if (meta.index() > lastIndex() || termAt(meta.index()) != meta.term()) {
            throw new IllegalStateException("compaction through " + meta.lastIncluded() + ", which the log ("
                    + base.index() + ", " + lastIndex() + "] does not hold");
        }
        int dropped = (int) (meta.index() - base.index());
        baseChain = chains[dropped - 1];
        base = meta;
        System.arraycopy(entries, dropped, entries, 0, size - dropped);
        System.arraycopy(chains, dropped, chains, 0, size - dropped);
        Arrays.fill(entries, size - dropped, size, null);
        size -= dropped;
    }

    private int slot(long index) {
        if (index <= base.index() || index > lastIndex()) {
            throw new IllegalStateException(
                    "index " + index + " is not in the log (" + base.index() + ", " + lastIndex() + "]");
        }
        return (int) (index - base.index() - 1);
    }
}
