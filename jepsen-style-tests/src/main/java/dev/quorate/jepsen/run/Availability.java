package dev.quorate.jepsen.run;

import dev.quorate.jepsen.history.History;
import dev.quorate.jepsen.history.NemesisEvent;
import dev.quorate.jepsen.history.Operation;
import dev.quorate.jepsen.history.Outcome;
import dev.quorate.jepsen.nemesis.KillNemesis;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How long writes stood still.
 *
 * @param leaderKillMillis for each kill of a leader: from the kill to the first acknowledgement of a write that was invoked
 *     after it; ascending
 * @param gaps the longest times without an acknowledged write, longest first
 */
record Availability(List<Long> leaderKillMillis, List<Gap> gaps) {

    private static final int MAX_GAPS = 5;
    private static final long GAP_NANOS = 1_000_000_000;

    /** @param during the faults that were under way, in words */
    record Gap(long startNanos, long endNanos, String during) {
        long nanos() {
            return endNanos - startNanos;
        }
    }

    static Availability of(History history) {
        List<Operation> writes = history.operations().stream()
                .filter(operation -> operation.outcome() == Outcome.OK && operation.mayWrite())
                .sorted(Comparator.comparingLong(Operation::completeNanos))
                .toList();
        List<Long> recoveries = new ArrayList<>();
        for (NemesisEvent event : history.nemeses()) {
            if (event.kind().equals(KillNemesis.KIND) && event.target().equals("leader")) {
                writes.stream()
                        .filter(write -> write.invokeNanos() >= event.startNanos())
                        .findFirst()
                        .ifPresent(write -> recoveries.add((write.completeNanos() - event.startNanos()) / 1_000_000));
            }
        }
        recoveries.sort(Comparator.naturalOrder());
        List<Gap> gaps = new ArrayList<>();
        for (int i = 1; i < writes.size(); i++) {
            long start = writes.get(i - 1).completeNanos();
            long end = writes.get(i).completeNanos();
            if (end - start > GAP_NANOS) {
                gaps.add(new Gap(start, end, faultsBetween(history, start, end)));
            }
        }
        gaps.sort(Comparator.comparingLong(Gap::nanos).reversed());
        return new Availability(recoveries, gaps.stream().limit(MAX_GAPS).toList());
    }

    private static String faultsBetween(History history, long startNanos, long endNanos) {
        return history.nemeses().stream()
                .filter(event -> event.startNanos() < endNanos && event.endNanos() > startNanos)
                .map(event -> event.kind() + " " + event.target())
                .collect(Collectors.joining(", "));
    }

    private long percentile(double share) {
        return leaderKillMillis.get((int) Math.min(leaderKillMillis.size() - 1, share * leaderKillMillis.size()));
    }

    /** Lines for a person; empty if there is nothing to tell. */
    String describe() {
        StringBuilder text = new StringBuilder();
        if (!leaderKillMillis.isEmpty()) {
            text.append(String.format(
                    Locale.ROOT,
                    "writes go on after kill -9 of the leader: %d kills, after ms: min %d, median %d, p90 %d, max %d%n",
                    leaderKillMillis.size(),
                    leaderKillMillis.get(0),
                    percentile(0.5),
                    percentile(0.9),
                    leaderKillMillis.get(leaderKillMillis.size() - 1)));
        }
        for (Gap gap : gaps) {
            text.append(String.format(
                    Locale.ROOT,
                    "no write acknowledged for %.1f s from %.1f s on (%s)%n",
                    gap.nanos() / 1e9,
                    gap.startNanos() / 1e9,
                    gap.during().isEmpty() ? "no fault under way" : gap.during()));
        }
        return text.toString();
    }
}
