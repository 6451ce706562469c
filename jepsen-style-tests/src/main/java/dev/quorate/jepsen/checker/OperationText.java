package dev.quorate.jepsen.checker;

import dev.quorate.jepsen.history.Operation;
import java.util.Locale;
import java.util.stream.Collectors;

/** An operation as a person reads it. */
final class OperationText {

    /** A read of all keys has hundreds of steps. */
    private static final int MAX_STEPS = 6;

    private OperationText() {}

    static String of(Operation operation) {
        String steps = operation.steps().stream()
                .limit(MAX_STEPS)
                .map(step -> step.key() + ": " + StepText.of(step))
                .collect(Collectors.joining("; "));
        int more = operation.steps().size() - MAX_STEPS;
        return String.format(
                Locale.ROOT,
                "%.3f .. %.3f ms  process %d on %s  revision %d  %s  %s%s%s",
                operation.invokeNanos() / 1e6,
                operation.completeNanos() / 1e6,
                operation.process(),
                operation.node(),
                operation.revision(),
                operation.outcome().name().toLowerCase(Locale.ROOT),
                steps,
                more > 0 ? "; and " + more + " more" : "",
                operation.error() == null ? "" : " (" + operation.error() + ")");
    }
}
