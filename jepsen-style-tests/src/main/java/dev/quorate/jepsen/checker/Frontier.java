package dev.quorate.jepsen.checker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A set of configurations without those that another one makes superfluous.
 *
 * <p>Of two configurations with the same state and the same {@code done}, one that used a subset of the other's unknown
 * calls can do all that the other can: what it has left over it may use later or never, as nobody waits for an unknown
 * call to return. So only the minimal sets are kept. Without this rule each unknown call doubles the configurations; with
 * it, an unknown write that was overwritten unseen costs nothing.
 */
final class Frontier {

    private record StateAndDone(int state, long done) {}

    private final Map<StateAndDone, List<Configuration>> minimal = new HashMap<>();
    private int size;

    /** Returns false if the configuration is superfluous. */
    boolean add(Configuration configuration) {
        List<Configuration> alike = minimal.computeIfAbsent(
                new StateAndDone(configuration.state(), configuration.done()), key -> new ArrayList<>(1));
        for (Configuration known : alike) {
            if (isSubset(known.used(), configuration.used())) {
                return false;
            }
        }
        size -= alike.size();
        alike.removeIf(known -> isSubset(configuration.used(), known.used()));
        alike.add(configuration);
        size += alike.size();
        return true;
    }

    int size() {
        return size;
    }

    /** What is in it, those that used the fewest unknown calls first. */
    List<Configuration> toList() {
        List<Configuration> all = new ArrayList<>(size);
        minimal.values().forEach(all::addAll);
        all.sort((a, b) -> Integer.compare(a.used().length, b.used().length));
        return all;
    }

    private static boolean isSubset(int[] small, int[] large) {
        if (small.length > large.length) {
            return false;
        }
        for (int call : small) {
            if (Arrays.binarySearch(large, call) < 0) {
                return false;
            }
        }
        return true;
    }
}
