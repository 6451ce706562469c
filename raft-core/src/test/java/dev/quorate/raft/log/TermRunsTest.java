package dev.quorate.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Recovered.TermRun;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The edges of runs: where they begin, end, and are cut from either side. Terms 1 1 1 3 3 5 at indexes 1 to 6. */
class TermRunsTest {

    private final TermRuns runs =
            new TermRuns(EntryId.ZERO, List.of(new TermRun(1, 1), new TermRun(4, 3), new TermRun(6, 5)), 6);

    @Test
    void everyIndexHasTheTermOfItsRunAndNoneBeyondTheEnds() {
        assertEquals(List.of(0L, 1L, 1L, 1L, 3L, 3L, 5L, -1L), terms(0, 7));
    }

    @Test
    void compactionInTheMiddleOfARunKeepsItsRest() {
        runs.compactThrough(new EntryId(2, 1));

        assertEquals(List.of(-1L, 1L, 1L, 3L, 3L, 5L), terms(1, 6));
    }

    @Test
    void compactionAtTheEndOfARunDropsIt() {
        runs.compactThrough(new EntryId(3, 1));

        assertEquals(List.of(-1L, 1L, 3L, 3L, 5L), terms(2, 6));
        assertEquals(3, runs.lastIndexWithTermAtMost(6, 2), "the base itself");
    }

    @Test
    void compactionOfEverythingKeepsTheBaseAndTheLogGoesOn() {
        runs.compactThrough(new EntryId(6, 5));
        assertEquals(List.of(-1L, 5L, -1L), terms(5, 7));

        runs.append(7, 5);
        runs.append(8, 6);

        assertEquals(List.of(5L, 5L, 6L), terms(6, 8));
    }

    @Test
    void truncationAtTheStartOfARunDropsItAndTheNextLeaderMayReuseItsTermsPlace() {
        runs.truncateFrom(4);
        assertEquals(List.of(1L, -1L), terms(3, 4));

        runs.append(4, 4);

        assertEquals(List.of(1L, 4L, -1L), terms(3, 5));
    }

    @Test
    void truncationInTheMiddleOfARunKeepsItsStart() {
        runs.truncateFrom(5);
        runs.append(5, 3);

        assertEquals(List.of(3L, 3L, -1L), terms(4, 6));
    }

    @Test
    void truncationDownToTheBaseLeavesTheBase() {
        runs.compactThrough(new EntryId(5, 3));
        runs.truncateFrom(6);

        assertEquals(List.of(3L, -1L), terms(5, 6));
        runs.append(6, 7);
        assertEquals(List.of(3L, 7L), terms(5, 6));
    }

    @Test
    void theLookUpByTermSkipsWholeRuns() {
        assertEquals(6, runs.lastIndexWithTermAtMost(9, 5));
        assertEquals(5, runs.lastIndexWithTermAtMost(6, 4));
        assertEquals(3, runs.lastIndexWithTermAtMost(6, 2));
        assertEquals(2, runs.lastIndexWithTermAtMost(2, 2));
        assertEquals(0, runs.lastIndexWithTermAtMost(6, 0));
        assertEquals(0, runs.lastIndexWithTermAtMost(-7, 9));
    }

    @Test
    void aTermThatFallsIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> runs.append(7, 4));
    }

    @Test
    void aResetForgetsEverything() {
        runs.reset(new EntryId(90, 8));

        assertEquals(List.of(-1L, 8L, -1L), terms(89, 91));
    }

    private List<Long> terms(long from, long to) {
        return java.util.stream.LongStream.rangeClosed(from, to)
                .mapToObj(runs::termAt)
                .toList();
    }
}
