package dev.quorate.raft.log;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.List;

/**
 * The log as the algorithm sees it.
 *
 * <pre>
 *   base    first                                          last
 *    │ compacted │                                           │
 *    ▼           ▼                                           ▼
 *   ─┼───────────┬──────────┬───────────┬──────────┬─────────┤
 *                        applied     commit      durable  (handed to the disk)
 *                       ╰──────── window: in memory ─────────╯
 * </pre>
 *
 * <p>Three words, used the same way everywhere: <em>commit</em> index, the last entry known to be committed;
 * <em>applied</em> index, the last entry in the state machine; <em>durable</em> index, the last entry on this member's disk.
 * Commit and durable overtake each other; applied never overtakes either.
 */
public final class RaftLog {

    private final long maxWindowBytes;
    private final TermRuns terms;
    private final EntryWindow window;
    private EntryId base;
    private long lastIndex;
    private long handedToDiskIndex;
    private long durableIndex;
    private long commitIndex;
    private long handedToApplyIndex;
    private long appliedIndex;

    public RaftLog(Recovered recovered, long appliedIndex, long maxWindowBytes) {
        this.maxWindowBytes = maxWindowBytes;
        this.base = recovered.base().lastIncluded();
        this.lastIndex = recovered.lastIndex();
        if (appliedIndex < base.index() || appliedIndex > lastIndex) {
            throw new IllegalArgumentException("the state machine has applied up to " + appliedIndex
                    + ", but the log reaches from " + base.index() + " to " + lastIndex
                    + ": they do not belong together");
        }
        this.terms = new TermRuns(base, recovered.termRuns(), lastIndex);
        List<Entry> tail = recovered.tail();
        this.window =
                new EntryWindow(tail.isEmpty() ? lastIndex + 1 : tail.get(0).index());
        tail.forEach(window::append);
        this.handedToDiskIndex = lastIndex;
        this.durableIndex = lastIndex;
        this.commitIndex = appliedIndex;
        this.handedToApplyIndex = appliedIndex;
        this.appliedIndex = appliedIndex;
    }

    /** What stands before the first entry. */
    public EntryId base() {
        return base;
    }

    public long firstIndex() {
        return base.index() + 1;
    }

    public long lastIndex() {
        return lastIndex;
    }

    public EntryId last() {
        return new EntryId(lastIndex, terms.termAt(lastIndex));
    }

    public long durableIndex() {
        return durableIndex;
    }

    public long commitIndex() {
        return commitIndex;
    }

    public long appliedIndex() {
        return appliedIndex;
    }

    /** The first entry that is in memory; older ones have to be read from the durable log. */
    public long windowFirstIndex() {
        return window.firstIndex();
    }

    /** The term of the entry at this index, or -1 if the log does not hold one there. Known for the base as well. */
    public long termAt(long index) {
        return terms.termAt(index);
    }

    public boolean matches(long index, long term) {
        return terms.termAt(index) == term;
    }

    /**
     * The largest index at or below {@code index} whose term is at most {@code term}: logs that disagree at {@code index}
     * cannot agree above it if the other one's term there is {@code term}. Skips a whole term in one step.
     */
    public long lastIndexWithTermAtMost(long index, long term) {
        return terms.lastIndexWithTermAtMost(index, term);
    }

    /** Adds an entry at the end. */
    public void append(Entry entry) {
        if (entry.index() != lastIndex + 1) {
            throw new IllegalStateException("entry " + entry + " does not follow the last index " + lastIndex);
        }
        terms.append(entry.index(), entry.term());
        window.append(entry);
        lastIndex = entry.index();
    }

    /** Removes everything from this index on; never a committed entry. */
    public void truncateFrom(long index) {
        if (index <= commitIndex) {
            throw new IllegalStateException(
                    "truncation from " + index + " would remove committed entries up to " + commitIndex);
        }
        terms.truncateFrom(index);
        window.truncateFrom(index);
        lastIndex = index - 1;
        handedToDiskIndex = Math.min(handedToDiskIndex, lastIndex);
        durableIndex = Math.min(durableIndex, lastIndex);
    }

    /** Entries up to {@code through} that have not been handed to the disk yet; they count as handed from now on. */
    public List<Entry> takeUnhanded(long through) {
        List<Entry> entries = window.slice(handedToDiskIndex + 1, through);
        handedToDiskIndex = Math.max(handedToDiskIndex, through);
        return entries;
    }

    public boolean hasUnhanded(long through) {
        return handedToDiskIndex < through;
    }

    /** The last entry that was handed to the disk; it may be durable or not. */
    public long handedToDiskIndex() {
        return handedToDiskIndex;
    }

    /** Everything up to this index is durable. */
    public void durableThrough(long index) {
        durableIndex = Math.max(durableIndex, Math.min(index, lastIndex));
        shrinkWindow();
    }

    /** The commit index only rises. */
    public void commitThrough(long index) {
        if (index > lastIndex) {
            throw new IllegalStateException("commit index " + index + " is past the last index " + lastIndex);
        }
        commitIndex = Math.max(commitIndex, index);
    }

    /** True if there are entries that are committed, durable here, and not handed to the state machine yet. */
    public boolean hasApplicable() {
        return Math.min(commitIndex, durableIndex) > handedToApplyIndex;
    }

    /**
     * The newest part, as far as it is in memory, of what may be applied now; it counts as handed from now on. Durable
     * <em>here</em> too: a restart must not find a state machine that is ahead of its log.
     */
    public List<Entry> takeApplicable() {
        long to = Math.min(commitIndex, durableIndex);
        long from = Math.max(handedToApplyIndex + 1, window.firstIndex());
        handedToApplyIndex = to;
        return window.slice(from, to);
    }

    public long handedToApplyIndex() {
        return handedToApplyIndex;
    }

    public void appliedThrough(long index) {
        appliedIndex = Math.max(appliedIndex, Math.min(index, handedToApplyIndex));
    }

    /**
     * Entries from {@code from} to {@code through}, as many as fit, at least one.
     *
     * @param from not before {@link #windowFirstIndex} and not after {@code through}
     * @param through not after {@link #lastIndex}
     */
    public List<Entry> slice(long from, long through, int maxEntries, long maxBytes) {
        long to = from;
        long bytes = window.get(from).sizeBytes();
        while (to < through && to - from + 1 < maxEntries) {
            bytes += window.get(to + 1).sizeBytes();
            if (bytes > maxBytes) {
                break;
            }
            to++;
        }
        return window.slice(from, to);
    }

    /** What is in memory and not yet both committed and durable here. */
    public List<Entry> unfinished() {
        return window.slice(Math.max(window.firstIndex(), Math.min(commitIndex, durableIndex) + 1), lastIndex);
    }

    /** Forgets the entries up to and including this one. */
    public void compactThrough(EntryId newBase) {
        if (newBase.index() > appliedIndex || newBase.index() > durableIndex) {
            throw new IllegalStateException("compaction up to " + newBase + " is past what is applied, " + appliedIndex
                    + ", or durable, " + durableIndex);
        }
        terms.compactThrough(newBase);
        base = newBase;
        while (!window.isEmpty() && window.firstIndex() <= newBase.index()) {
            window.dropFirst();
        }
    }

    /** Starts anew after a snapshot that the state machine holds now. */
    public void reset(SnapshotMeta snapshot) {
        base = snapshot.lastIncluded();
        terms.reset(base);
        window.reset(base.index() + 1);
        lastIndex = base.index();
        handedToDiskIndex = lastIndex;
        durableIndex = lastIndex;
        stateIsAt(base.index());
    }

    /** The state machine was replaced by a snapshot of this index. */
    public void stateIsAt(long index) {
        commitIndex = Math.max(commitIndex, index);
        handedToApplyIndex = Math.max(handedToApplyIndex, index);
        appliedIndex = Math.max(appliedIndex, index);
    }

    private void shrinkWindow() {
        while (window.sizeBytes() > maxWindowBytes && window.firstIndex() <= durableIndex && !window.isEmpty()) {
            window.dropFirst();
        }
    }

    @Override
    public String toString() {
        return "base " + base + ", applied " + appliedIndex + ", handed " + handedToApplyIndex + ", commit "
                + commitIndex + ", durable " + durableIndex + ", last " + lastIndex;
    }
}
