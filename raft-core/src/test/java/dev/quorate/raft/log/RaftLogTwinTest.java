package dev.quorate.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The log with its term runs and its window against a twin that keeps every entry in a list. */
class RaftLogTwinTest {

    private final List<Entry> twin = new ArrayList<>();
    private long term = 1;
    private long twinBase;

    @Property(tries = 500)
    void looksUpTheSameTermsAndEntriesAsAPlainList(
            @ForAll @Size(max = 80) List<@IntRange(min = 0, max = 99) Integer> steps) {
        RaftLog log = new RaftLog(
                new Recovered(
                        1,
                        HardState.INITIAL,
                        new SnapshotMeta(EntryId.ZERO, Membership.EMPTY),
                        List.of(),
                        List.of(),
                        0,
                        List.of()),
                0,
                300);
        twin.clear();
        twin.add(Entry.noOp(1, 1)); // stands for index 0, never compared
        term = 1;
        twinBase = 0;
        for (int step : steps) {
            apply(log, step);
            compare(log);
        }
    }

    private void apply(RaftLog log, int step) {
        long last = log.lastIndex();
        if (step < 50) {
            term += step % 10 == 0 ? 1 : 0;
            Entry entry = Entry.command(last + 1, term, new byte[step]);
            log.append(entry);
            twin.add(entry);
        } else if (step < 65 && last > log.commitIndex()) {
            long from = log.commitIndex() + 1 + step % (last - log.commitIndex());
            term++;
            log.truncateFrom(from);
            twin.subList((int) from, twin.size()).clear();
        } else if (step < 80) {
            log.takeUnhanded(log.lastIndex());
            log.durableThrough(last);
            log.commitThrough(Math.min(last, log.commitIndex() + step % 7));
            log.takeApplicable();
            log.appliedThrough(log.commitIndex());
        } else if (log.appliedIndex() > log.base().index()) {
            long through = log.base().index()
                    + 1
                    + step % (log.appliedIndex() - log.base().index());
            log.compactThrough(new EntryId(through, log.termAt(through)));
            twinBase = through;
        }
    }

    private void compare(RaftLog log) {
        assertEquals(twin.size() - 1, log.lastIndex());
        for (long index = Math.max(1, twinBase); index < twin.size(); index++) {
            assertEquals(twin.get((int) index).term(), log.termAt(index), "term at " + index);
        }
        assertEquals(-1, log.termAt(twin.size()));
        if (twinBase > 0) {
            assertEquals(-1, log.termAt(twinBase - 1));
        }
        for (long index = log.windowFirstIndex(); index <= log.lastIndex(); index++) {
            assertEquals(List.of(twin.get((int) index)), log.slice(index, log.lastIndex(), 1, Long.MAX_VALUE));
        }
        for (long wanted = 0; wanted <= term; wanted++) {
            long expected = log.lastIndex();
            while (expected > twinBase && twin.get((int) expected).term() > wanted) {
                expected--;
            }
            assertEquals(expected, log.lastIndexWithTermAtMost(log.lastIndex(), wanted));
        }
    }
}
