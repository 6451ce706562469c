package dev.quorate.jepsen.run;

import dev.quorate.jepsen.checker.Verdict;
import dev.quorate.jepsen.history.History;
import dev.quorate.jepsen.history.NemesisEvent;
import dev.quorate.jepsen.history.Operation;
import dev.quorate.jepsen.history.Outcome;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a run has shown.
 *
 * @param problems beside the verdict: servers that ended by themselves, did not come back, or hold different copies
 */
public record RunReport(History history, Verdict verdict, List<String> problems) {
    public RunReport {
        problems = List.copyOf(problems);
    }

    /** True if nothing is wrong, and nothing undecided. */
    public boolean isGood() {
        return verdict.isGood() && problems.isEmpty();
    }

    public long count(Outcome outcome) {
        return history.operations().stream()
                .map(Operation::outcome)
                .filter(outcome::equals)
                .count();
    }

    /** Several lines for a person; ends with a line break. */
    public String describe() {
        StringBuilder text = new StringBuilder();
        text.append("requests: ")
                .append(count(Outcome.OK) + " ok, " + count(Outcome.FAIL) + " refused, " + count(Outcome.UNKNOWN)
                        + " unknown\n");
        Map<String, Long> faults = history.nemeses().stream()
                .collect(Collectors.groupingBy(RunReport::name, TreeMap::new, Collectors.counting()));
        text.append("faults: ")
                .append(
                        faults.isEmpty()
                                ? "none"
                                : faults.entrySet().stream()
                                        .map(fault -> fault.getValue() + " × " + fault.getKey())
                                        .collect(Collectors.joining(", ")))
                .append('\n');
        text.append(Availability.of(history).describe());
        text.append(verdict.describe());
        problems.forEach(problem -> text.append("problem: ").append(problem).append('\n'));
        text.append(isGood() ? "GOOD\n" : "BAD\n");
        return text.toString();
    }

    private static String name(NemesisEvent event) {
        return event.kind() + " " + event.target();
    }
}
