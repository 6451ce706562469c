package dev.quorate.jepsen.checker;

import dev.quorate.jepsen.checker.LinearizabilityChecker.Limits;
import dev.quorate.jepsen.checker.LinearizabilityChecker.NotLinearizable;
import dev.quorate.jepsen.checker.LinearizabilityChecker.Result;
import dev.quorate.jepsen.checker.LinearizabilityChecker.Undecided;
import dev.quorate.jepsen.history.History;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** All checks on one history. */
public final class HistoryChecker {

    private HistoryChecker() {}

    public static Verdict check(History history) {
        return check(history, Limits.DEFAULT);
    }

    /** @param limits for each key */
    public static Verdict check(History history, Limits limits) {
        long startNanos = System.nanoTime();
        LinearizabilityChecker checker = new LinearizabilityChecker(limits);
        List<String> violations = new ArrayList<>();
        List<String> undecided = new ArrayList<>();
        Map<String, List<KeyCall>> byKey = KeyCall.byKey(history);
        for (Map.Entry<String, List<KeyCall>> key : byKey.entrySet()) {
            Result result = checker.check(key.getValue());
            if (result instanceof Undecided gaveUp) {
                undecided.add(key.getKey() + " (" + key.getValue().size() + " calls): " + gaveUp.why());
            } else if (result instanceof NotLinearizable failure) {
                violations.add(describe(key.getKey(), key.getValue(), failure));
            }
        }
        return new Verdict(
                byKey.size(),
                byKey.values().stream().mapToInt(List::size).sum(),
                violations,
                undecided,
                RevisionChecker.check(history),
                LostWrites.count(history),
                (System.nanoTime() - startNanos) / 1_000_000);
    }

    private static String describe(String key, List<KeyCall> calls, NotLinearizable failure) {
        return key + ": of its " + calls.size() + " calls, no order explains these, up to the return of\n"
                + Counterexample.describe(List.of(failure.call()))
                + "  when the key can only have held " + String.join(" or ", failure.possibleValues()) + ":\n"
                + Counterexample.describe(Counterexample.shrink(calls, failure));
    }
}
