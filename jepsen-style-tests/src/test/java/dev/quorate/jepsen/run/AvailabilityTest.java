package dev.quorate.jepsen.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quorate.jepsen.history.History;
import dev.quorate.jepsen.history.NemesisEvent;
import dev.quorate.jepsen.history.Operation;
import dev.quorate.jepsen.history.Outcome;
import dev.quorate.jepsen.history.Step;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class AvailabilityTest {

    private static final long SECOND = 1_000_000_000L;

    private final List<Operation> operations = new ArrayList<>();

    private void put(double from, double to, Outcome outcome) {
        Step step = new Step.Put("k", Integer.toString(operations.size()), null);
        operations.add(
                new Operation(1, "n1", (long) (from * SECOND), (long) (to * SECOND), outcome, 1, List.of(step), null));
    }

    @Test
    void recoveryEndsWithTheFirstAcknowledgedWriteThatWasInvokedAfterTheKill() {
        // given a kill at 10 s
        put(9.9, 10.3, Outcome.OK); // before it
        put(10.1, 10.4, Outcome.UNKNOWN);
        put(10.2, 11.2, Outcome.OK);
        put(11.3, 11.4, Outcome.OK);
        NemesisEvent kill = new NemesisEvent("kill", "leader", List.of("n1"), 10 * SECOND, 12 * SECOND);

        Availability availability = Availability.of(new History(operations, List.of(kill)));

        assertEquals(List.of(1_200L), availability.leaderKillMillis());
    }

    @Test
    void gapsAreNamedAfterTheFaultsUnderWay() {
        put(1, 2, Outcome.OK);
        put(2, 3, Outcome.FAIL);
        put(4, 5, Outcome.OK);
        NemesisEvent pause = new NemesisEvent("pause", "one", List.of("n1"), 3 * SECOND, 4 * SECOND);

        Availability availability = Availability.of(new History(operations, List.of(pause)));

        assertEquals(List.of(new Availability.Gap(2 * SECOND, 5 * SECOND, "pause one")), availability.gaps());
    }
}
