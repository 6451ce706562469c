package dev.quorate.jepsen.checker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The unknown calls that were invoked and may take effect yet. Two rules keep down how many are tried:
 * <ul>
 *   <li><b>Only those that are needed.</b> By the argument at {@link LinearizabilityChecker#withoutUnseenUnknowns}, an unknown
 *       call has to take effect only right before a call that depends on the state it makes; that one runs at the same
 *       moment, or is an unknown call that is itself needed.
 *   <li><b>Of those that are alike, the first.</b> No unknown call has to return by some time, so two that demand the same
 *       and write the same (as all deletes do) can stand for each other.
 * </ul>
 */
final class OpenUnknowns {

    private record Kind(int seen, int expected, int written) {}

    private final Register register;
    private final boolean neededOnly;
    private final Map<Integer, Map<Kind, List<Integer>>> byWritten = new HashMap<>();

    /** @param neededOnly false if some call's answer depends on the state without saying how */
    OpenUnknowns(Register register, boolean neededOnly) {
        this.register = register;
        this.neededOnly = neededOnly;
    }

    void add(int call) {
        Kind kind = new Kind(register.seen(call), register.expected(call), register.written(call));
        byWritten
                .computeIfAbsent(kind.written(), state -> new LinkedHashMap<>())
                .computeIfAbsent(kind, k -> new ArrayList<>())
                .add(call);
    }

    void removeAll(int[] calls) {
        byWritten.values().forEach(kinds -> {
            kinds.values().forEach(alike -> alike.removeIf(call -> Arrays.binarySearch(calls, call) >= 0));
            kinds.values().removeIf(List::isEmpty);
        });
        byWritten.values().removeIf(Map::isEmpty);
    }

    /** Those that may be needed while {@code running} calls run; each list holds calls that are alike. */
    List<List<Integer>> candidates(Collection<Integer> running) {
        List<List<Integer>> candidates = new ArrayList<>();
        if (byWritten.isEmpty()) {
            return candidates;
        }
        if (!neededOnly) {
            byWritten.values().forEach(kinds -> candidates.addAll(kinds.values()));
            return candidates;
        }
        Set<Integer> needed = new HashSet<>();
        Deque<Integer> toDo = new ArrayDeque<>();
        running.forEach(call -> need(register.seen(call), register.expected(call), needed, toDo));
        while (!toDo.isEmpty()) {
            byWritten.getOrDefault(toDo.remove(), Map.of()).forEach((kind, alike) -> {
                candidates.add(alike);
                need(kind.seen(), kind.expected(), needed, toDo);
            });
        }
        return candidates;
    }

    private static void need(int seen, int expected, Set<Integer> needed, Deque<Integer> toDo) {
        if (seen != Register.ANY && needed.add(seen)) {
            toDo.add(seen);
        }
        if (expected != Register.ANY && needed.add(expected)) {
            toDo.add(expected);
        }
    }
}
