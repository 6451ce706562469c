package dev.quorate.jepsen.checker;

import dev.quorate.jepsen.history.Step;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The sequential specification of one key: a register that can be read, written, deleted, and compared and set. States are
 * small numbers, so that the search compares ints.
 */
final class Register {

    /** The state of a key that was never written, and of a deleted one. */
    static final int ABSENT = 0;

    /** Not a state: the call cannot have taken effect in the given state. */
    static final int IMPOSSIBLE = -1;

    /** Not a state: the call takes whatever is there. */
    static final int ANY = -2;

    private final Map<String, Integer> states = new HashMap<>();
    private final String[] names;
    private final KeyCall[] calls;
    private final int[] seen;
    private final int[] expected;
    private final int[] written;

    Register(List<KeyCall> history) {
        calls = history.toArray(KeyCall[]::new);
        seen = new int[calls.length];
        expected = new int[calls.length];
        written = new int[calls.length];
        for (int call = 0; call < calls.length; call++) {
            Step step = calls[call].step();
            seen[call] = step.seen() == null ? ANY : stateOf(step.seen().value());
            expected[call] = step instanceof Step.Cas cas ? stateOf(cas.expected()) : ANY;
            written[call] = step instanceof Step.Read
                    ? ANY
                    : stateOf(calls[call].written().orElse(null));
        }
        names = new String[states.size() + 1];
        states.forEach((value, state) -> names[state] = value);
    }

    private int stateOf(@Nullable String value) {
        return value == null ? ABSENT : states.computeIfAbsent(value, v -> states.size() + 1);
    }

    /** The state that the call was shown, or {@link #ANY}. */
    int seen(int call) {
        return seen[call];
    }

    /** The state that the call compares with, or {@link #ANY}. */
    int expected(int call) {
        return expected[call];
    }

    /** The state that the call makes if it takes effect, or {@link #ANY} for one that only reads. */
    int written(int call) {
        return written[call];
    }

    /** The state that {@code call} makes of {@code state}, or {@link #IMPOSSIBLE}. */
    int apply(int call, int state) {
        if (seen[call] != ANY && seen[call] != state) {
            return IMPOSSIBLE;
        }
        Step step = calls[call].step();
        if (step instanceof Step.Read) {
            return state;
        }
        if (step instanceof Step.Cas cas) {
            boolean holds = state == expected[call];
            // A comparison of unknown outcome that fails has no effect: the same as never.
            boolean applied = cas.applied() == null || cas.applied();
            if (applied) {
                return holds ? written[call] : IMPOSSIBLE;
            }
            return holds ? IMPOSSIBLE : state;
        }
        return written[call];
    }

    /** The value that stands for {@code state}; null if absent. */
    @Nullable
    String nameOf(int state) {
        return state == ABSENT ? null : Objects.requireNonNull(names[state]);
    }
}
