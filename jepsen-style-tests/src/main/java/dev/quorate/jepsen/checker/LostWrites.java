package dev.quorate.jepsen.checker;

import dev.quorate.jepsen.history.History;
import dev.quorate.jepsen.history.Operation;
import dev.quorate.jepsen.history.Outcome;
import dev.quorate.jepsen.history.Seen;
import dev.quorate.jepsen.history.Step;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Counts what an operator asks for first: writes that were acknowledged and are gone. */
final class LostWrites {

    private record LastRead(Operation operation, Seen seen) {}

    private LostWrites() {}

    /**
     * Acknowledged writes that completed before the last read of their key was invoked, and that this read does not know: it
     * shows an older revision, or an absent key although nobody can have deleted it.
     */
    static int count(History history) {
        Map<String, LastRead> lastReads = new HashMap<>();
        Set<String> deletedKeys = new HashSet<>();
        for (Operation operation : history.operations()) {
            for (Step step : operation.steps()) {
                if (step instanceof Step.Delete && operation.outcome() != Outcome.FAIL) {
                    deletedKeys.add(step.key());
                } else if (step instanceof Step.Read && step.seen() != null) {
                    LastRead read = new LastRead(operation, step.seen());
                    lastReads.merge(
                            step.key(),
                            read,
                            (a, b) ->
                                    a.operation().invokeNanos() > b.operation().invokeNanos() ? a : b);
                }
            }
        }
        int lost = 0;
        for (Operation operation : history.operations()) {
            for (Step step : operation.steps()) {
                LastRead read = lastReads.get(step.key());
                if (operation.outcome() == Outcome.OK
                        && wroteAValue(step)
                        && read != null
                        && operation.completeNanos() < read.operation().invokeNanos()
                        && isUnknownTo(read.seen(), operation, deletedKeys.contains(step.key()))) {
                    lost++;
                }
            }
        }
        return lost;
    }

    private static boolean wroteAValue(Step step) {
        return step instanceof Step.Put || (step instanceof Step.Cas cas && Objects.equals(cas.applied(), true));
    }

    private static boolean isUnknownTo(Seen seen, Operation write, boolean keyWasDeleted) {
        return seen.value() == null ? !keyWasDeleted : seen.modRevision() < write.revision();
    }
}
