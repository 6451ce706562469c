package dev.quorate.jepsen.checker;

import dev.quorate.jepsen.history.Seen;
import dev.quorate.jepsen.history.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * The definition of linearizability, tried out: every order of every choice of the unknown calls. Slow, and too simple to be
 * wrong; shares nothing with the checker that it is the twin of.
 */
@NullMarked
final class BruteForce {

    private BruteForce() {}

    static boolean isLinearizable(List<KeyCall> calls) {
        return canFinish(calls, null);
    }

    /** Whether all of {@code left} that returned can follow when the register holds {@code value}. */
    private static boolean canFinish(List<KeyCall> left, @Nullable String value) {
        if (left.stream().allMatch(KeyCall::isUnknown)) {
            return true;
        }
        for (KeyCall next : left) {
            boolean mayBeNext = left.stream().noneMatch(other -> other.returnNanos() < next.invokeNanos());
            if (mayBeNext && isPossible(next.step(), value)) {
                List<KeyCall> rest = new ArrayList<>(left);
                rest.remove(next);
                if (canFinish(rest, after(next.step(), value))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isPossible(Step step, @Nullable String value) {
        Seen seen = step.seen();
        if (seen != null && !Objects.equals(seen.value(), value)) {
            return false;
        }
        return !(step instanceof Step.Cas cas)
                || cas.applied() == null
                || cas.applied() == Objects.equals(cas.expected(), value);
    }

    private static @Nullable String after(Step step, @Nullable String value) {
        if (step instanceof Step.Put put) {
            return put.value();
        } else if (step instanceof Step.Delete) {
            return null;
        } else if (step instanceof Step.Cas cas && Objects.equals(cas.expected(), value)) {
            return cas.value();
        } else {
            return value;
        }
    }
}
