package dev.quorate.raft.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** How much may be on its way to one follower. */
class InflightsTest {

    private final Inflights inflights = new Inflights(3, 100);

    @Test
    void isFullWhenAllPlacesAreTaken() {
        inflights.add(1, 1);
        inflights.add(2, 1);
        assertFalse(inflights.isFull());

        inflights.add(3, 1);

        assertTrue(inflights.isFull());
        assertThrows(IllegalStateException.class, () -> inflights.add(4, 1));
    }

    @Test
    void isFullWhenTheBytesAreUsedUpButOneAppendAlwaysFits() {
        assertFalse(inflights.isFull());

        inflights.add(1, 1_000);

        assertTrue(inflights.isFull());
        assertEquals(1, inflights.count());
    }

    @Test
    void anAcknowledgementFreesAllPlacesUpToItsIndex() {
        inflights.add(5, 40);
        inflights.add(9, 40);
        inflights.add(12, 40);

        inflights.freeThrough(11);

        assertEquals(1, inflights.count());
        assertFalse(inflights.isFull());
        inflights.freeThrough(4);
        assertEquals(1, inflights.count(), "an old acknowledgement frees nothing");
    }

    @Test
    void placesAreUsedAgainInARing() {
        for (long index = 1; index <= 100; index++) {
            inflights.add(index, 10);
            if (index >= 3) {
                assertTrue(inflights.isFull());
                inflights.freeThrough(index - 2);
            }
        }

        assertEquals(2, inflights.count());
        inflights.freeThrough(99);
        assertEquals(1, inflights.count());
    }

    @Test
    void nothingIsOnItsWayAfterClear() {
        inflights.add(1, 1_000);

        inflights.clear();

        assertEquals(0, inflights.count());
        assertFalse(inflights.isFull());
    }
}
