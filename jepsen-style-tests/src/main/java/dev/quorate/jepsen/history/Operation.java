package dev.quorate.jepsen.history;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request of one client, and what came of it.
 *
 * @param process the client's logical process: it has one request at a time, and none after an unknown outcome (the client
 *     goes on under a new number), because that request may still be running
 * @param node the server it was sent to
 * @param completeNanos when the answer came, or the client gave up
 * @param revision the store's revision in the answer's header; 0 if there was none
 * @param error what the server or the connection said; null if the outcome is OK
 */
public record Operation(
        int process,
        String node,
        long invokeNanos,
        long completeNanos,
        Outcome outcome,
        long revision,
        List<Step> steps,
        @Nullable String error) {

    public Operation {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(outcome, "outcome");
        steps = List.copyOf(steps);
        if (completeNanos < invokeNanos) {
            throw new IllegalArgumentException("an operation completed at " + completeNanos
                    + " ns, before it was invoked at " + invokeNanos + " ns");
        }
        if (steps.isEmpty()) {
            throw new IllegalArgumentException("an operation has at least one step");
        }
        // The steps of a request stand for themselves when each key is checked on its own. A comparison that decides
        // over other keys would tie the keys together, and the check by key would miss it.
        if (steps.size() > 1 && steps.stream().anyMatch(Step.Cas.class::isInstance)) {
            throw new IllegalArgumentException("a compare-and-set stands alone in its operation: " + steps);
        }
    }

    /** True if a request of this kind could change the store. */
    public boolean mayWrite() {
        return steps.stream().anyMatch(step -> !(step instanceof Step.Read));
    }
}
