package dev.quorate.jepsen.checker;

import dev.quorate.jepsen.history.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Decides whether the calls on one key can be put in an order that a single register would have shown, each call between
 * its invocation and its return.
 *
 * <p>The search of Wing and Gong ("Testing and Verifying Concurrent Objects", 1993) with Lowe's two improvements ("Testing
 * for linearizability", 2017): a call takes effect just in time, which is when some call that must not wait any longer
 * returns; and what was reached once (which calls took effect, and the state) is not walked again. It walks along the
 * history with <em>all</em> configurations at once rather than deep first, so the memory it needs is that of one moment of
 * the history, not of all of it, and the configurations that are left just before it fails tell what was possible.
 *
 * <p>Three things keep the moment small:
 * <ul>
 *   <li>A call that only observes takes effect as soon as it can. It changes nothing, so a configuration that has it behind
 *       itself can do all that one can that has it still to do.
 *   <li>Unknown calls: see {@link Frontier}, {@link OpenUnknowns}, and {@link #withoutUnseenUnknowns}.
 *   <li>An unknown call that took effect in every configuration is settled, and forgotten.
 * </ul>
 */
public final class LinearizabilityChecker {

    /** What the search found. */
    public sealed interface Result {}

    /** There is such an order. */
    public record Linearizable() implements Result {}

    /**
     * There is none: up to just before {@code call} returned there is, but then not.
     *
     * @param possibleValues what the key can have held just then
     */
    public record NotLinearizable(KeyCall call, List<String> possibleValues) implements Result {}

    /** A limit was reached; says which. */
    public record Undecided(String why) implements Result {}

    /**
     * How far a search goes.
     *
     * @param maxConfigurationsAtOnce bounds the memory, some 100 bytes each
     * @param maxConfigurations bounds the time, some microsecond each
     */
    public record Limits(int maxConfigurationsAtOnce, long maxConfigurations) {
        public static final Limits DEFAULT = new Limits(2_000_000, 50_000_000);
    }

    /** One bit of a long for each call that runs at the same time; more clients than that on one key are not for us. */
    private static final int MAX_CALLS_AT_ONCE = Long.SIZE;

    private final Limits limits;

    public LinearizabilityChecker(Limits limits) {
        this.limits = limits;
    }

    /** @param calls on one key, in any order */
    public Result check(List<KeyCall> calls) {
        return new Search(withoutUnseenUnknowns(calls), limits).run();
    }

    /**
     * Leaves out unknown calls that nobody can have noticed; the answer stays the same.
     *
     * <p>Take an unknown call w that would have written v, where no call saw v or expected v. If there is an order without
     * w, it is one for the whole history, since w may never have happened. If there is one with w, look at the calls
     * between w and the next change of the state: each would take effect in state v, so it sees nothing (a read without an
     * answer is not in the history) — or it is a compare-and-set that failed without being shown what was there. The last
     * is why histories with such a call are left as they are. Without one, w is followed at once by a call that takes effect
     * in any state, or by nothing, and the order is as good when w is taken out.
     */
    static List<KeyCall> withoutUnseenUnknowns(List<KeyCall> calls) {
        if (hasBlindRefusal(calls)) {
            return calls;
        }
        Set<Optional<String>> noticed = KeyCall.noticedStates(calls);
        return calls.stream()
                .filter(call -> !call.isUnknown() || noticed.contains(call.written()))
                .toList();
    }

    private static boolean hasBlindRefusal(List<KeyCall> calls) {
        return calls.stream()
                .anyMatch(call -> call.step() instanceof Step.Cas cas
                        && Objects.equals(cas.applied(), false)
                        && cas.seen() == null);
    }

    /** One moment on the walk along the history. */
    private record Event(long nanos, boolean isReturn, int call) {
        // What happens in the same nanosecond counts as overlapping: the clock does not say which was first.
        static final Comparator<Event> ORDER = Comparator.comparingLong(Event::nanos)
                .thenComparing(Event::isReturn)
                .thenComparingInt(Event::call);
    }

    private static final class Search {
        private final List<KeyCall> calls;
        private final Register register;
        private final Limits limits;
        /** The slots' calls; -1 is a free slot. */
        private final int[] callInSlot = new int[MAX_CALLS_AT_ONCE];

        /** No slot from here on was ever taken. */
        private int slotsUsed;

        private final int[] slotOfCall;
        private final OpenUnknowns openUnknowns;
        private List<Configuration> configurations = List.of(Configuration.INITIAL);
        private long configurationsSeen;

        Search(List<KeyCall> calls, Limits limits) {
            this.calls = calls;
            this.limits = limits;
            register = new Register(calls);
            openUnknowns = new OpenUnknowns(register, !hasBlindRefusal(calls));
            slotOfCall = new int[calls.size()];
            Arrays.fill(callInSlot, -1);
        }

        Result run() {
            for (Event event : events()) {
                if (!event.isReturn()) {
                    if (!invoke(event.call())) {
                        return new Undecided("more than " + MAX_CALLS_AT_ONCE
                                + " calls run at the same time on this key;" + " use fewer clients or more keys");
                    }
                    continue;
                }
                Frontier next = afterReturnOf(slotOfCall[event.call()]);
                if (configurationsSeen > limits.maxConfigurations || next.size() > limits.maxConfigurationsAtOnce) {
                    return new Undecided("gave up after " + configurationsSeen + " configurations, " + next.size()
                            + " of them at once; shorter histories for each key help");
                }
                if (next.size() == 0) {
                    return new NotLinearizable(calls.get(event.call()), possibleValues());
                }
                callInSlot[slotOfCall[event.call()]] = -1;
                configurations = next.toList();
                settleUnknowns();
            }
            return new Linearizable();
        }

        private List<Event> events() {
            List<Event> events = new ArrayList<>(2 * calls.size());
            for (int call = 0; call < calls.size(); call++) {
                events.add(new Event(calls.get(call).invokeNanos(), false, call));
                if (!calls.get(call).isUnknown()) {
                    events.add(new Event(calls.get(call).returnNanos(), true, call));
                }
            }
            events.sort(Event.ORDER);
            return events;
        }

        private boolean invoke(int call) {
            if (calls.get(call).isUnknown()) {
                openUnknowns.add(call);
                return true;
            }
            int slot = 0;
            while (slot < MAX_CALLS_AT_ONCE && callInSlot[slot] >= 0) {
                slot++;
            }
            if (slot == MAX_CALLS_AT_ONCE) {
                return false;
            }
            slotsUsed = Math.max(slotsUsed, slot + 1);
            callInSlot[slot] = call;
            slotOfCall[call] = slot;
            if (calls.get(call).isObserver()) {
                Frontier observed = new Frontier();
                configurations.forEach(configuration -> observed.add(observe(configuration)));
                configurations = observed.toList();
            }
            return true;
        }

        /** Lets every call take effect that only looks, and sees what is there. */
        private Configuration observe(Configuration configuration) {
            Configuration result = configuration;
            for (int slot = 0; slot < slotsUsed; slot++) {
                int call = callInSlot[slot];
                if (call >= 0
                        && !result.isDone(slot)
                        && calls.get(call).isObserver()
                        && register.apply(call, result.state()) == result.state()) {
                    result = result.with(result.state(), slot);
                }
            }
            return result;
        }

        /** All configurations in which the call in {@code slot} took effect, before anything else happens. */
        private Frontier afterReturnOf(int slot) {
            Frontier reached = new Frontier();
            Frontier next = new Frontier();
            Deque<Configuration> toDo = new ArrayDeque<>();
            List<List<Integer>> unknowns = openUnknowns.candidates(running());
            for (Configuration configuration : configurations) {
                if (reached.add(configuration)) {
                    toDo.add(configuration);
                }
            }
            while (!toDo.isEmpty()
                    && reached.size() <= limits.maxConfigurationsAtOnce
                    && configurationsSeen <= limits.maxConfigurations) {
                Configuration configuration = toDo.removeFirst();
                configurationsSeen++;
                if (configuration.isDone(slot)) {
                    next.add(configuration.withoutSlot(slot));
                } else {
                    expand(configuration, unknowns, reached, toDo);
                }
            }
            if (!toDo.isEmpty()) {
                configurationsSeen = limits.maxConfigurations + 1;
            }
            return next;
        }

        private void expand(
                Configuration from, List<List<Integer>> unknowns, Frontier reached, Deque<Configuration> toDo) {
            for (int slot = 0; slot < slotsUsed; slot++) {
                int call = callInSlot[slot];
                if (call < 0 || from.isDone(slot)) {
                    continue;
                }
                int state = register.apply(call, from.state());
                if (state != Register.IMPOSSIBLE) {
                    Configuration to = observe(from.with(state, slot));
                    if (reached.add(to)) {
                        toDo.addFirst(to);
                    }
                }
            }
            // Unknown calls last: what can be had without them makes superfluous what needs them.
            for (List<Integer> alike : unknowns) {
                int call = firstUnused(alike, from);
                int state = call < 0 ? Register.IMPOSSIBLE : register.apply(call, from.state());
                if (state != Register.IMPOSSIBLE && state != from.state()) {
                    Configuration to = observe(from.withUsed(state, call));
                    if (reached.add(to)) {
                        toDo.addLast(to);
                    }
                }
            }
        }

        private static int firstUnused(List<Integer> alike, Configuration configuration) {
            for (int call : alike) {
                if (!configuration.hasUsed(call)) {
                    return call;
                }
            }
            return -1;
        }

        private List<Integer> running() {
            return Arrays.stream(callInSlot, 0, slotsUsed)
                    .filter(call -> call >= 0)
                    .boxed()
                    .toList();
        }

        private void settleUnknowns() {
            int[] settled = configurations.get(0).used();
            for (int i = 1; i < configurations.size() && settled.length > 0; i++) {
                Configuration configuration = configurations.get(i);
                settled = Arrays.stream(settled).filter(configuration::hasUsed).toArray();
            }
            if (settled.length > 0) {
                int[] forgotten = settled;
                configurations = configurations.stream()
                        .map(configuration -> configuration.withoutUsed(forgotten))
                        .toList();
                openUnknowns.removeAll(forgotten);
            }
        }

        private List<String> possibleValues() {
            return configurations.stream()
                    .map(configuration -> Objects.toString(register.nameOf(configuration.state()), "absent"))
                    .distinct()
                    .sorted()
                    .toList();
        }
    }
}
