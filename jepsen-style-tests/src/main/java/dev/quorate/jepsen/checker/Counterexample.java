package dev.quorate.jepsen.checker;

import dev.quorate.jepsen.checker.LinearizabilityChecker.Limits;
import dev.quorate.jepsen.checker.LinearizabilityChecker.NotLinearizable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The smallest part of a key's history that we can find and that still cannot be explained: what a person reads.
 *
 * <p>Every call that is taken out is one whose absence cannot break a good history, so what is left convicts the whole:
 * <ul>
 *   <li>what was invoked after the call that fails; what returned after it counts as not returned;
 *   <li>calls that only observe;
 *   <li>calls whose value nobody left in the history saw or expected (for the reason, see
 *       {@link LinearizabilityChecker#withoutUnseenUnknowns});
 *   <li>what a write demands of the state before it: where a compare-and-set takes effect, a put of its value does too.
 * </ul>
 */
public final class Counterexample {

    /** Shrinking searches again and again: each search gets only this much. */
    private static final Limits SHRINK_LIMITS = new Limits(100_000, 500_000);

    /** And this many searches are enough for a history of a few hundred calls. */
    private static final int MAX_SEARCHES = 3_000;

    private final LinearizabilityChecker checker = new LinearizabilityChecker(SHRINK_LIMITS);
    private int searches;

    private Counterexample() {}

    /**
     * @param calls on one key
     * @param failure what the checker said about them
     * @return some of the calls, by their invocation; not linearizable either
     */
    public static List<KeyCall> shrink(List<KeyCall> calls, NotLinearizable failure) {
        return new Counterexample().shrunk(calls, failure.call());
    }

    private List<KeyCall> shrunk(List<KeyCall> calls, KeyCall failed) {
        List<KeyCall> left = new ArrayList<>();
        for (KeyCall call : calls) {
            boolean returned = call.returnNanos() <= failed.returnNanos();
            if (call.invokeNanos() <= failed.returnNanos() && (returned || !call.isObserver())) {
                left.add(returned ? call : call.unreturned());
            }
        }
        left.sort(Comparator.comparingLong(KeyCall::invokeNanos));
        if (!isGuilty(left)) {
            return calls; // a limit was reached: better too much than something wrong
        }
        int before;
        do {
            before = left.size();
            for (int chunk = Math.max(1, left.size() / 2); chunk >= 1; chunk /= 2) {
                left = withoutChunks(left, chunk);
            }
            left = weakened(left);
        } while (left.size() < before && searches < MAX_SEARCHES);
        return left;
    }

    private List<KeyCall> withoutChunks(List<KeyCall> from, int chunk) {
        List<KeyCall> left = from;
        for (int end = left.size(); end > 0 && searches < MAX_SEARCHES; end -= chunk) {
            List<KeyCall> fewer = without(left, Math.max(0, end - chunk), Math.min(end, left.size()));
            if (fewer.size() < left.size() && isGuilty(fewer)) {
                left = fewer;
            }
        }
        return left;
    }

    /** Takes out of [start, end) what may be taken out: first those that look, then those whose value nobody saw. */
    private static List<KeyCall> without(List<KeyCall> calls, int start, int end) {
        List<KeyCall> left = new ArrayList<>(calls.subList(0, start));
        calls.subList(start, end).stream().filter(call -> !call.isObserver()).forEach(left::add);
        left.addAll(calls.subList(end, calls.size()));
        for (KeyCall call : calls.subList(start, end)) {
            if (!call.isObserver()) {
                left.remove(call);
                if (KeyCall.noticedStates(left).contains(call.written())) {
                    left.add(call);
                }
            }
        }
        left.sort(Comparator.comparingLong(KeyCall::invokeNanos));
        return left;
    }

    private List<KeyCall> weakened(List<KeyCall> from) {
        List<KeyCall> left = new ArrayList<>(from);
        for (int i = 0; i < left.size() && searches < MAX_SEARCHES; i++) {
            KeyCall call = left.get(i);
            KeyCall weaker = call.demandingNothing();
            left.set(i, weaker);
            if (!weaker.equals(call) && !isGuilty(left)) {
                left.set(i, call);
            }
        }
        return left;
    }

    private boolean isGuilty(List<KeyCall> calls) {
        searches++;
        return checker.check(calls) instanceof NotLinearizable;
    }

    /** One line a call, by its invocation; times in milliseconds since the start of the run. */
    public static String describe(List<KeyCall> calls) {
        StringBuilder text = new StringBuilder();
        calls.stream()
                .sorted(Comparator.comparingLong(KeyCall::invokeNanos))
                .forEach(call -> text.append(String.format(
                        Locale.ROOT,
                        "    %12.3f .. %12s ms  process %-5d on %-4s %s%n",
                        call.invokeNanos() / 1e6,
                        call.isUnknown() ? "?" : String.format(Locale.ROOT, "%.3f", call.returnNanos() / 1e6),
                        call.process(),
                        call.node(),
                        StepText.of(call.step()))));
        return text.toString();
    }
}
