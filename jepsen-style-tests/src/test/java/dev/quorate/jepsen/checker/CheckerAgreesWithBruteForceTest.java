package dev.quorate.jepsen.checker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.quorate.jepsen.checker.LinearizabilityChecker.Limits;
import dev.quorate.jepsen.checker.LinearizabilityChecker.NotLinearizable;
import dev.quorate.jepsen.checker.LinearizabilityChecker.Result;
import dev.quorate.jepsen.checker.LinearizabilityChecker.Undecided;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

@NullMarked
class CheckerAgreesWithBruteForceTest {

    private static final int MAX_CALLS = 7;
    private static final int MOMENTS = 12;
    private static final List<String> VALUES = List.of("a", "b", "c");

    private final LinearizabilityChecker checker = new LinearizabilityChecker(Limits.DEFAULT);

    @Property(tries = 20_000)
    void onSmallHistories(@ForAll long seed) {
        List<KeyCall> calls = randomCalls(new Random(seed));

        boolean expected = BruteForce.isLinearizable(calls);

        Result result = checker.check(calls);
        assertFalse(result instanceof Undecided);
        assertEquals(!expected, result instanceof NotLinearizable, () -> Counterexample.describe(calls));
        Statistics.label("linearizable").collect(expected).coverage(coverage -> {
            coverage.check(true).percentage(share -> share > 15);
            coverage.check(false).percentage(share -> share > 15);
        });
    }

    @Property(tries = 2_000)
    void aCounterexampleConvictsTheWholeHistory(@ForAll long seed) {
        List<KeyCall> calls = randomCalls(new Random(seed));

        if (checker.check(calls) instanceof NotLinearizable failure) {
            List<KeyCall> few = Counterexample.shrink(calls, failure);

            assertFalse(BruteForce.isLinearizable(few), () -> Counterexample.describe(few));
        }
    }

    /**
     * Few values and many overlaps, so that the verdict is open. Values repeat here, unlike in a run: the checker must not
     * lean on that.
     */
    private static List<KeyCall> randomCalls(Random random) {
        Calls calls = new Calls();
        int count = 2 + random.nextInt(MAX_CALLS - 1);
        for (int i = 0; i < count; i++) {
            long from = random.nextInt(MOMENTS);
            long to = random.nextInt(4) == 0 ? MOMENTS : from + random.nextInt(MOMENTS / 2);
            String value = VALUES.get(random.nextInt(VALUES.size()));
            switch (random.nextInt(12)) {
                case 0, 1 -> calls.put(from, to, value);
                case 2, 3 -> calls.unknownPut(from, value);
                case 4 -> calls.cas(from, to, stateOf(random), value);
                case 5 -> calls.unknownCas(from, stateOf(random), value);
                case 6 -> calls.refusedCas(from, to, value, "z", stateOf(random));
                case 7 -> calls.blindlyRefusedCas(from, to, stateOf(random), value);
                case 8 -> calls.delete(from, to, stateOf(random));
                case 9 -> calls.unknownDelete(from);
                default -> calls.read(from, to, stateOf(random));
            }
        }
        return calls.list();
    }

    private static @Nullable String stateOf(Random random) {
        int draw = random.nextInt(VALUES.size() + 1);
        return draw == VALUES.size() ? null : VALUES.get(draw);
    }
}
