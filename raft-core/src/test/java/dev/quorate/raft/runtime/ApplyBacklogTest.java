package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.Persist;
import dev.quorate.raft.WriteMark;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Membership;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The state machine gets every entry, in order, once, wherever it comes from. */
final class ApplyBacklogTest {

    private static final int LAST = 10_000;

    private final InMemoryLog log = new InMemoryLog();
    private final ApplyBacklog backlog = new ApplyBacklog(log);

    @BeforeEach
    void fillTheLog() throws IOException {
        log.recover(Membership.EMPTY);
        log.write(List.of(new Persist(null, entries(1, LAST), null, null, new WriteMark(1, LAST), List.of())));
    }

    private static List<Entry> entries(long from, long to) {
        List<Entry> entries = new ArrayList<>();
        for (long index = from; index <= to; index++) {
            entries.add(Entry.command(index, 1, new byte[] {(byte) index}));
        }
        return entries;
    }

    /** Applies all there is, and returns how many batches it took. */
    private int applyAll(long applied, long expectedLast) throws IOException {
        int batches = 0;
        long index = applied;
        for (List<Entry> batch = backlog.next(index); batch != null; batch = backlog.next(index)) {
            assertTrue(batch.size() <= ApplyBacklog.MAX_BATCH_ENTRIES);
            for (Entry entry : batch) {
                assertEquals(++index, entry.index());
            }
            batches++;
        }
        assertEquals(expectedLast, index);
        return batches;
    }

    private void extend(long from, long to) {
        backlog.extend(to, backlog.admit(entries(from, to)));
    }

    @Test
    void rangesThatWaitAreAppliedAsOneBatch() throws IOException {
        extend(1, 10);
        extend(11, 20);
        extend(21, 30);

        assertEquals(1, applyAll(0, 30));
        assertNull(backlog.next(30));
    }

    @Test
    void aGapBeforeARangeIsReadFromTheLog() throws IOException {
        extend(5_000, 5_010);
        extend(5_020, 5_030);

        applyAll(3, 5_030);
    }

    @Test
    void aRangeWithoutEntriesIsReadFromTheLog() throws IOException {
        backlog.extend(LAST, List.of());

        assertEquals(3, applyAll(0, LAST));
    }

    @Test
    void whatIsAppliedAlreadyIsSkipped() throws IOException {
        extend(1, 10);
        extend(5, 12);

        applyAll(7, 12);
        extend(13, 20);
        assertNull(backlog.next(500), "a snapshot went further");
        extend(501, 510);
        applyAll(500, 510);
    }

    @Test
    void aStateMachineThatFallsBehindCostsReadsInsteadOfMemory() throws IOException {
        List<Entry> small = entries(1, 2);
        List<Entry> huge = List.of(Entry.command(3, 1, new byte[(int) ApplyBacklog.MAX_WAITING_BYTES]));

        assertSame(small, backlog.admit(small));
        assertTrue(backlog.admit(huge).isEmpty());

        backlog.extend(2, small);
        backlog.extend(3, List.of());
        applyAll(0, 3);
        List<Entry> next = entries(4, 5);
        assertSame(next, backlog.admit(next), "there is room again");
    }
}
