package dev.quorate.raft.log;

import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Recovered.TermRun;
import java.util.Arrays;
import java.util.List;

/**
 * The term of every entry of the log, as runs: terms never fall along a log, and a leader adds its entries in a row, so a log
 * of millions of entries has a few runs. With them any term can be looked up without the entry.
 */
final class TermRuns {

    private long[] firstIndexes = new long[8];
    private long[] terms = new long[8];
    private int count;
    private EntryId base;
    private long lastIndex;

    TermRuns(EntryId base, List<TermRun> runs, long lastIndex) {
        this.base = base;
        this.lastIndex = base.index();
        for (TermRun run : runs) {
            add(run.firstIndex(), run.term());
        }
        this.lastIndex = lastIndex;
    }

    /** The term of the entry at this index, or -1 if the log does not hold one there. */
    long termAt(long index) {
        if (index == base.index()) {
            return base.term();
        }
        if (index < base.index() || index > lastIndex) {
            return -1;
        }
        return terms[runOf(index)];
    }

    /** The largest index at or below {@code index} whose term is at most {@code term}; at least the base's. */
    long lastIndexWithTermAtMost(long index, long term) {
        long candidate = Math.min(index, lastIndex);
        while (candidate > base.index()) {
            int run = runOf(candidate);
            if (terms[run] <= term) {
                return candidate;
            }
            candidate = firstIndexes[run] - 1;
        }
        return Math.max(Math.min(index, base.index()), 0);
    }

    void append(long index, long term) {
        if (count == 0 || terms[count - 1] != term) {
            add(index, term);
        }
        lastIndex = index;
    }

    void truncateFrom(long index) {
        while (count > 0 && firstIndexes[count - 1] >= index) {
            count--;
        }
        lastIndex = index - 1;
    }

    void compactThrough(EntryId newBase) {
        int keep = 0;
        while (keep < count && endOf(keep) <= newBase.index()) {
            keep++;
        }
        System.arraycopy(firstIndexes, keep, firstIndexes, 0, count - keep);
        System.arraycopy(terms, keep, terms, 0, count - keep);
        count -= keep;
        if (count > 0) {
            firstIndexes[0] = Math.max(firstIndexes[0], newBase.index() + 1);
        }
        base = newBase;
    }

    void reset(EntryId newBase) {
        count = 0;
        base = newBase;
        lastIndex = newBase.index();
    }

    private long endOf(int run) {
        return run + 1 < count ? firstIndexes[run + 1] - 1 : lastIndex;
    }

    private int runOf(long index) {
        if (index >= firstIndexes[count - 1]) {
            return count - 1; // nearly every look-up is for the newest run
        }
        int found = Arrays.binarySearch(firstIndexes, 0, count, index);
        return found >= 0 ? found : -found - 2;
    }

    private void add(long firstIndex, long term) {
        if (count > 0 && (firstIndexes[count - 1] >= firstIndex || terms[count - 1] >= term)) {
            throw new IllegalArgumentException("term runs must rise: " + term + " from " + firstIndex + " after "
                    + terms[count - 1] + " from " + firstIndexes[count - 1]);
        }
        if (count == firstIndexes.length) {
            firstIndexes = Arrays.copyOf(firstIndexes, count * 2);
            terms = Arrays.copyOf(terms, count * 2);
        }
        firstIndexes[count] = firstIndex;
        terms[count] = term;
        count++;
    }
}
