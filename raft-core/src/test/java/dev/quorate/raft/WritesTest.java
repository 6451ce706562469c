package dev.quorate.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Which completions count, and for what. */
class WritesTest {

    private final Writes writes = new Writes();

    @Test
    void writesAreNumberedFromOne() {
        assertFalse(writes.areOutstanding());
        assertEquals(new WriteMark(1, 10), writes.next(10, false));
        assertEquals(new WriteMark(2, 12), writes.next(12, false));
        assertTrue(writes.areOutstanding());
    }

    @Test
    void theNewestMarkOfAGroupSpeaksForAllOfIt() {
        writes.next(1, true);
        writes.next(2, false);
        WriteMark newest = writes.next(3, false);

        assertTrue(writes.completed(newest));

        assertFalse(writes.areOutstanding());
        assertTrue(writes.isHardStateDurable());
    }

    @Test
    void aRepeatedOrInventedMarkCountsForNothing() {
        WriteMark first = writes.next(1, false);
        WriteMark second = writes.next(2, false);
        assertTrue(writes.completed(second));

        assertFalse(writes.completed(second));
        assertFalse(writes.completed(first));
        assertFalse(writes.completed(new WriteMark(99, 99)));
    }

    @Test
    void theHardStateIsDurableWithTheWriteThatCarriesIt() {
        WriteMark entries = writes.next(1, false);
        assertTrue(writes.isHardStateDurable());
        WriteMark vote = writes.next(1, true);

        writes.completed(entries);
        assertFalse(writes.isHardStateDurable());

        writes.completed(vote);
        assertTrue(writes.isHardStateDurable());
    }

    @Test
    void aWriteFromBeforeACutSaysNothingOfTheLogButOfTheHardState() {
        WriteMark before = writes.next(7, true);
        writes.logWasCut();
        WriteMark after = writes.next(7, false);

        assertFalse(writes.completed(before));
        assertTrue(writes.isHardStateDurable());
        assertTrue(writes.completed(after));
    }

    @Test
    void aDiskOwesAnAnswerFromTheFirstWriteThatIsOutUntilTheLast() {
        writes.passed(5);
        assertEquals(0, writes.owedNanos());
        WriteMark first = writes.next(1, false);
        writes.passed(10);
        WriteMark second = writes.next(2, false);
        writes.passed(10);
        assertEquals(20, writes.owedNanos());

        writes.completed(first);
        writes.passed(3);
        assertEquals(3, writes.owedNanos(), "it answers: what still waits has waited behind the first");

        writes.completed(second);
        assertEquals(0, writes.owedNanos());
        writes.next(3, false);
        assertEquals(0, writes.owedNanos());
    }
}
