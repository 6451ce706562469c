package dev.quorate.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Raft paper §5.2 and §9.3: each wait is drawn anew from [timeout, 2 × timeout). */
class ElectionTimerTest {

    private static final long TIMEOUT = 1_000;

    @Test
    void everyWaitIsAtLeastOneTimeoutAndLessThanTwo() {
        List<Long> waits = waits(1, 0, 10_000);

        assertTrue(waits.stream().allMatch(wait -> wait >= TIMEOUT && wait < 2 * TIMEOUT));
    }

    @Test
    void waitsAreSpreadOverTheWholeRange() {
        List<Long> waits = waits(2, 0, 10_000);

        for (long decile = 0; decile < 10; decile++) {
            long from = TIMEOUT + decile * TIMEOUT / 10;
            long in = waits.stream()
                    .filter(wait -> wait >= from && wait < from + TIMEOUT / 10)
                    .count();
            assertTrue(in > 800 && in < 1_200, in + " of 10,000 from " + from);
        }
    }

    @Test
    void theSeedDecidesTheDraws() {
        assertEquals(waits(3, 0, 50), waits(3, 0, 50));
        assertNotEquals(waits(3, 0, 50), waits(4, 0, 50));
    }

    @Test
    void aClockThatOverflowsIsNoMatter() {
        ElectionTimer timer = new ElectionTimer(5, TIMEOUT);
        long now = Long.MAX_VALUE - 10;

        timer.restart(now);

        assertFalse(timer.isDue(now));
        assertFalse(timer.isDue(now + TIMEOUT - 1));
        assertTrue(timer.isDue(now + 2 * TIMEOUT));
    }

    private static List<Long> waits(long seed, long now, int count) {
        ElectionTimer timer = new ElectionTimer(seed, TIMEOUT);
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            timer.restart(now);
            long low = 0;
            long high = 4 * TIMEOUT;
            while (low < high) {
                long middle = (low + high) / 2;
                if (timer.isDue(now + middle)) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            waits.add(low);
        }
        return waits;
    }
}
