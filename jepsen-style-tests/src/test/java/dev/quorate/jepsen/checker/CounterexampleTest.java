package dev.quorate.jepsen.checker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.jepsen.checker.LinearizabilityChecker.Limits;
import dev.quorate.jepsen.checker.LinearizabilityChecker.NotLinearizable;
import java.util.List;
import org.junit.jupiter.api.Test;

class CounterexampleTest {

    @Test
    void ofAStaleReadAmongHundredsOfCallsThreeAreLeft() {
        // given
        Calls calls = new Calls();
        long time = 0;
        for (int i = 0; i < 100; i++) {
            calls.put(time, time + 5, "v" + i).read(time + 6, time + 9, "v" + i);
            time += 10;
        }
        calls.read(time, time + 1, "v98");
        for (int i = 100; i < 150; i++) {
            calls.put(time + 2, time + 5, "v" + i).read(time + 6, time + 9, "v" + i);
            time += 10;
        }
        NotLinearizable failure =
                assertInstanceOf(NotLinearizable.class, new LinearizabilityChecker(Limits.DEFAULT).check(calls.list()));

        // when
        List<KeyCall> few = Counterexample.shrink(calls.list(), failure);

        // then: the value was written, overwritten, and seen again
        assertEquals(3, few.size(), () -> Counterexample.describe(few));
        String text = Counterexample.describe(few);
        assertTrue(text.contains("put v98") && text.contains("read -> v98@1"), text);
    }
}
