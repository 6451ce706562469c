package dev.quorate.raft.log.rocksdb;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Recovered.TermRun;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.rocksdb.RocksDBException;

/**
 * What the log looks like without its entries: where it starts and ends, where terms begin, where memberships are. It
 * remembers which of its marks changed, so that a write puts down just those. One thread; after a failed write it is worth
 * nothing.
 */
final class LogShape {

    private SnapshotMeta base;
    private int generation;
    private long lastIndex;
    private long lastTerm;

    /** First index of a run → its term. The first run may begin at or before the base; it is the one that crosses it. */
    private final TreeMap<Long, Long> termRuns = new TreeMap<>();

    /** Index → the membership entry there. All of them are above the base. */
    private final TreeMap<Long, Entry> memberships = new TreeMap<>();

    private boolean baseChanged;
    private final Set<Long> changedTermRuns = new TreeSet<>();
    private final Set<Long> changedMemberships = new TreeSet<>();

    /** The shape of an empty log. */
    LogShape(Facts.Base base) {
        this.base = base.meta();
        this.generation = base.generation();
        this.lastIndex = base.meta().index();
        this.lastTerm = base.meta().term();
    }

    /** The shape of a log that was read. */
    LogShape(Facts.Base base, long lastIndex, long lastTerm, Map<Long, Long> termRuns, Map<Long, Entry> memberships) {
        this(base);
        this.lastIndex = lastIndex;
        this.lastTerm = lastTerm;
        this.termRuns.putAll(termRuns);
        this.memberships.putAll(memberships);
    }

    SnapshotMeta base() {
        return base;
    }

    int generation() {
        return generation;
    }

    long lastIndex() {
        return lastIndex;
    }

    /** The term of the last entry, or of the base if there is none. */
    long lastTerm() {
        return lastTerm;
    }

    /** The runs above the base: the first one is cut to start there. */
    List<TermRun> termRunsAboveBase() {
        List<TermRun> runs = new ArrayList<>();
        long first = base.index() + 1;
        if (lastIndex >= first) {
            Long start = termRuns.floorKey(first);
            Map<Long, Long> reaching = start == null ? termRuns : termRuns.tailMap(start, true);
            reaching.forEach((index, term) -> runs.add(new TermRun(Math.max(index, first), term)));
        }
        return runs;
    }

    List<Entry> membershipEntries() {
        return List.copyOf(memberships.values());
    }

    void append(Entry entry) {
        if (entry.index() != lastIndex + 1 || entry.term() < lastTerm) {
            throw new IllegalArgumentException("entry " + entry + " does not continue a log that ends at " + lastIndex
                    + "@" + lastTerm + ": an index rises by one, a term never falls");
        }
        lastIndex = entry.index();
        if (entry.term() != lastTerm || termRuns.isEmpty()) {
            lastTerm = entry.term();
            termRuns.put(lastIndex, lastTerm);
            changedTermRuns.add(lastIndex);
        }
        if (entry.type() == Entry.Type.MEMBERSHIP) {
            memberships.put(lastIndex, entry);
            changedMemberships.add(lastIndex);
        }
    }

    /** Forgets everything from {@code index} on. */
    void truncateFrom(long index) {
        if (index <= base.index() || index > lastIndex) {
            throw new IllegalArgumentException("cannot truncate from index " + index + " a log that starts after "
                    + base.index() + " and ends at " + lastIndex);
        }
        moveToChanged(termRuns.tailMap(index, true), changedTermRuns);
        moveToChanged(memberships.tailMap(index, true), changedMemberships);
        lastIndex = index - 1;
        Map.Entry<Long, Long> lastRun = termRuns.lastEntry();
        lastTerm = lastRun == null ? base.term() : lastRun.getValue();
    }

    void reset(SnapshotMeta snapshot) {
        if (snapshot.index() < base.index()) {
            throw new IllegalArgumentException("the log starts after index " + base.index()
                    + " and cannot be reset to an older snapshot at " + snapshot.lastIncluded());
        }
        moveToChanged(termRuns, changedTermRuns);
        moveToChanged(memberships, changedMemberships);
        base = snapshot;
        generation = Math.addExact(generation, 1);
        lastIndex = snapshot.index();
        lastTerm = snapshot.term();
        baseChanged = true;
    }

    void compactThrough(SnapshotMeta through) {
        if (through.index() > lastIndex
                || (through.index() > base.index() && termAt(through.index()) != through.term())) {
            throw new IllegalArgumentException("cannot compact through " + through.lastIncluded() + ": the log ends at "
                    + lastIndex + "@" + lastTerm
                    + (through.index() > lastIndex ? "" : " and has term " + termAt(through.index()) + " there"));
        }
        if (through.index() <= base.index()) {
            // An older compaction has nothing left to drop; the base never moves back.
            return;
        }
        base = through;
        baseChanged = true;
        // The run that crosses the base stays: its mark is the only place that knows the first entry's term.
        Long crossing = termRuns.floorKey(through.index() + 1);
        if (crossing != null) {
            moveToChanged(termRuns.headMap(crossing, false), changedTermRuns);
        }
        moveToChanged(memberships.headMap(through.index(), true), changedMemberships);
    }

    private long termAt(long index) {
        Map.Entry<Long, Long> run = termRuns.floorEntry(index);
        return run == null ? base.term() : run.getValue();
    }

    private static void moveToChanged(Map<Long, ?> marks, Set<Long> changed) {
        changed.addAll(marks.keySet());
        marks.clear();
    }

    /** Puts the marks that changed since the last call. */
    void writeChangesTo(FactWriter facts) throws RocksDBException {
        if (baseChanged) {
            facts.base(new Facts.Base(generation, base));
            baseChanged = false;
        }
        for (long index : changedTermRuns) {
            facts.termRun(index, termRuns.get(index));
        }
        changedTermRuns.clear();
        for (long index : changedMemberships) {
            facts.membership(index, memberships.get(index));
        }
        changedMemberships.clear();
    }
}
