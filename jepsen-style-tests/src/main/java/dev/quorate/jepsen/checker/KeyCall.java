package dev.quorate.jepsen.checker;

import dev.quorate.jepsen.history.History;
import dev.quorate.jepsen.history.Operation;
import dev.quorate.jepsen.history.Outcome;
import dev.quorate.jepsen.history.Seen;
import dev.quorate.jepsen.history.Step;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What one operation did to one key, as the linearizability checker sees it.
 *
 * @param returnNanos {@link #NEVER} if the outcome is not known: the call may take effect at any later time, or never
 */
public record KeyCall(int process, String node, long invokeNanos, long returnNanos, Step step) {

    public static final long NEVER = Long.MAX_VALUE;

    /** Sorts a history by key. Left out is what had no effect and showed nothing: definite failures, unanswered reads. */
    public static Map<String, List<KeyCall>> byKey(History history) {
        Map<String, List<KeyCall>> calls = new LinkedHashMap<>();
        for (Operation operation : history.operations()) {
            if (operation.outcome() == Outcome.FAIL) {
                continue;
            }
            boolean unknown = operation.outcome() == Outcome.UNKNOWN;
            for (Step step : operation.steps()) {
                if (unknown && step instanceof Step.Read) {
                    continue;
                }
                calls.computeIfAbsent(step.key(), key -> new ArrayList<>())
                        .add(new KeyCall(
                                operation.process(),
                                operation.node(),
                                operation.invokeNanos(),
                                unknown ? NEVER : operation.completeNanos(),
                                step));
            }
        }
        return calls;
    }

    public boolean isUnknown() {
        return returnNanos == NEVER;
    }

    /** The same call, seen by someone who stopped watching before it returned. */
    KeyCall unreturned() {
        return new KeyCall(process, node, invokeNanos, NEVER, step);
    }

    /** The same change, which takes effect in any state; an observer stays as it is. */
    KeyCall demandingNothing() {
        if (isObserver()) {
            return this;
        }
        Step blind = step instanceof Step.Delete
                ? new Step.Delete(step.key(), null)
                : new Step.Put(step.key(), written().orElseThrow(), null);
        return new KeyCall(process, node, invokeNanos, returnNanos, blind);
    }

    /** True if the call is known to leave the key as it was. */
    boolean isObserver() {
        return step instanceof Step.Read || (step instanceof Step.Cas cas && Objects.equals(cas.applied(), false));
    }

    /** What the key holds after the call, if it took effect; empty if absent. Only for calls that are no observers. */
    Optional<String> written() {
        if (step instanceof Step.Put put) {
            return Optional.of(put.value());
        } else if (step instanceof Step.Cas cas) {
            return Optional.of(cas.value());
        } else if (step instanceof Step.Delete) {
            return Optional.empty();
        } else {
            throw new IllegalStateException("a read writes nothing: " + this);
        }
    }

    /** The states (empty for absent) that some call's effect, or what it showed, depends on. */
    static Set<Optional<String>> noticedStates(Collection<KeyCall> calls) {
        Set<Optional<String>> noticed = new HashSet<>();
        for (KeyCall call : calls) {
            Seen seen = call.step.seen();
            if (seen != null) {
                noticed.add(Optional.ofNullable(seen.value()));
            }
            if (call.step instanceof Step.Cas cas) {
                noticed.add(Optional.ofNullable(cas.expected()));
            }
        }
        return noticed;
    }
}
