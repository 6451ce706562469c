package dev.quorate.jepsen.workload;

import dev.quorate.jepsen.history.Step;
import java.util.List;

/**
 * What a client is to ask for.
 *
 * @param steps not answered yet: all of one kind
 * @param expectedRevision for a compare-and-set: compare the key's mod revision with this, instead of its value; 0 for the
 *     value. As every value is written once, both comparisons hold in the same states.
 * @param askPrevious for a put: ask what was there before
 */
public record Request(List<Step> steps, long expectedRevision, boolean askPrevious) {
    public Request {
        steps = List.copyOf(steps);
    }

    /** The kind of all steps. */
    public Step first() {
        return steps.get(0);
    }
}
