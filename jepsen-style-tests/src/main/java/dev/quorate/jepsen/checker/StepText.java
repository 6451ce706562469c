package dev.quorate.jepsen.checker;

import dev.quorate.jepsen.history.Step;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A step as a person reads it. */
final class StepText {

    private StepText() {}

    static String of(Step step) {
        if (step instanceof Step.Read read) {
            return "read -> " + read.seen();
        } else if (step instanceof Step.Put put) {
            return "put " + put.value() + before(step);
        } else if (step instanceof Step.Delete) {
            return "delete" + before(step);
        } else {
            Step.Cas cas = (Step.Cas) step;
            return "cas " + (cas.expected() == null ? "absent" : cas.expected()) + " => " + cas.value() + ": "
                    + answer(cas.applied()) + before(step);
        }
    }

    private static String answer(@Nullable Boolean applied) {
        return applied == null ? "?" : applied ? "applied" : "refused";
    }

    private static String before(Step step) {
        return step.seen() == null ? "" : ", was " + Objects.requireNonNull(step.seen());
    }
}
