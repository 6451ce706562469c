package dev.quorate.jepsen.selfcheck;

import dev.quorate.jepsen.checker.HistoryChecker;
import dev.quorate.jepsen.checker.Verdict;
import dev.quorate.jepsen.history.History;
import dev.quorate.jepsen.workload.Workload;
import java.util.Locale;
import java.util.function.Consumer;

/** How fast histories of different kinds are judged. */
public final class CheckerBenchmark {

    private record Case(String name, int clients, int operations, double unknownShare, Workload.Options workload) {}

    private static final Case[] CASES = {
        new Case("a run: 6 keys of 300 requests", 12, 100_000, 0.02, new Workload.Options(6, 300)),
        new Case("one crowded key at a time", 16, 50_000, 0.02, new Workload.Options(1, 300)),
        new Case("a third unknown", 12, 50_000, 0.33, new Workload.Options(6, 300)),
        new Case("long lives: 4 keys of 10,000 requests", 12, 50_000, 0.05, new Workload.Options(4, 10_000)),
    };

    private CheckerBenchmark() {}

    /** @param lines gets one line for each case */
    public static void run(Consumer<String> lines) {
        HistoryChecker.check(history(CASES[0])); // the compiler is warm after this
        for (Case each : CASES) {
            History history = history(each);
            Verdict verdict = HistoryChecker.check(history);
            lines.accept(String.format(
                    Locale.ROOT,
                    "%-40s %,8d calls on %,4d keys, %2d clients, %2.0f %% unknown: %s in %,6d ms, %,d calls/s",
                    each.name(),
                    verdict.calls(),
                    verdict.keys(),
                    each.clients(),
                    100 * each.unknownShare(),
                    verdict.linearizable(),
                    verdict.checkMillis(),
                    verdict.calls() * 1000L / Math.max(1, verdict.checkMillis())));
        }
    }

    private static History history(Case each) {
        return GeneratedHistory.of(new GeneratedHistory.Options(
                1, each.clients(), each.operations(), each.unknownShare(), 0.01, each.workload()));
    }
}
