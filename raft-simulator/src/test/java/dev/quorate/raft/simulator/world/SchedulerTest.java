package dev.quorate.raft.simulator.world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quorate.raft.simulator.invariant.InvariantViolation;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SchedulerTest {

    @Test
    void eventsRunInTheOrderOfTheirInstants() {
        Scheduler scheduler = new Scheduler(SplitMix.of(1, "ties"));
        SplitMix random = SplitMix.of(1, "delays");
        TreeMap<Long, Long> expected = new TreeMap<>();
        List<Long> ran = new ArrayList<>();
        for (long i = 0; i < 5_000; i++) {
            long delay = random.between(0, 1_000_000_000L);
            expected.put(delay, delay);
            scheduler.after(delay, () -> ran.add(scheduler.now()));
        }

        scheduler.runUntil(1_000_000_000L);

        assertEquals(List.copyOf(expected.values()), ran);
    }

    @Test
    void eventsOfOneInstantRunInAnOrderThatTheSeedDecides() {
        assertEquals(orderOfOneInstant(1), orderOfOneInstant(1));
        assertNotEquals(orderOfOneInstant(1), orderOfOneInstant(2));
    }

    @Test
    void eventsThatMultiplyAreSeen() {
        Scheduler scheduler = new Scheduler(SplitMix.of(1, "ties"));
        Runnable[] twins = new Runnable[1];
        twins[0] = () -> {
            scheduler.after(1, twins[0]);
            scheduler.after(1, twins[0]);
        };
        twins[0].run();

        InvariantViolation violation =
                assertThrows(InvariantViolation.class, () -> scheduler.runUntil(Nanos.PER_SECOND));

        assertEquals("QueuesAreBounded", violation.invariant());
    }

    private static List<Integer> orderOfOneInstant(long seed) {
        Scheduler scheduler = new Scheduler(SplitMix.of(seed, "ties"));
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int number = i;
            scheduler.after(5, () -> order.add(number));
        }
        scheduler.runUntil(5);
        return order;
    }
}
