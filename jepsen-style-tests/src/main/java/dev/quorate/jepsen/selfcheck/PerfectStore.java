package dev.quorate.jepsen.selfcheck;

import dev.quorate.jepsen.history.Seen;
import dev.quorate.jepsen.history.Step;
import dev.quorate.jepsen.workload.Request;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What the real store claims to be: one map, one request at a time. */
public final class PerfectStore {

    private final Map<String, Seen> state = new HashMap<>();
    private long revision = 1;

    /** The answered steps, and the revision of the answer. */
    public record Answer(List<Step> steps, long revision) {}

    public Answer apply(Request request) {
        List<Step> answered = new ArrayList<>();
        boolean changed = false;
        for (Step step : request.steps()) {
            Seen before = state.getOrDefault(step.key(), Seen.ABSENT);
            if (step instanceof Step.Read read) {
                answered.add(new Step.Read(read.key(), before));
            } else if (step instanceof Step.Put put) {
                changed = true;
                state.put(put.key(), new Seen(put.value(), revision + 1));
                answered.add(new Step.Put(put.key(), put.value(), request.askPrevious() ? before : null));
            } else if (step instanceof Step.Delete delete) {
                changed |= state.remove(delete.key()) != null;
                answered.add(new Step.Delete(delete.key(), before));
            } else {
                Step.Cas cas = (Step.Cas) step;
                boolean holds = request.expectedRevision() > 0
                        ? before.modRevision() == request.expectedRevision()
                        : Objects.equals(before.value(), cas.expected());
                if (holds) {
                    changed = true;
                    state.put(cas.key(), new Seen(cas.value(), revision + 1));
                }
                answered.add(new Step.Cas(cas.key(), cas.expected(), cas.value(), holds, holds ? null : before));
            }
        }
        revision += changed ? 1 : 0;
        return new Answer(answered, revision);
    }
}
