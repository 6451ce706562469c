package dev.quorate.jepsen.checker;

import java.util.Arrays;

/**
 * One way in which the past can have happened.
 *
 * @param state of the register
 * @param done which of the calls that have not returned yet took effect already; one bit for each slot
 * @param used which calls of unknown outcome took effect, ascending. Those that did in <em>every</em> configuration are
 *     settled, and no longer listed.
 */
@SuppressWarnings("ArrayRecordComponent") // compared by Frontier only, which looks into it
record Configuration(int state, long done, int[] used) {

    private static final int[] NONE = {};

    static final Configuration INITIAL = new Configuration(Register.ABSENT, 0, NONE);

    boolean isDone(int slot) {
        return (done & 1L << slot) != 0;
    }

    boolean hasUsed(int call) {
        return Arrays.binarySearch(used, call) >= 0;
    }

    Configuration with(int newState, int slot) {
        return new Configuration(newState, done | 1L << slot, used);
    }

    Configuration withoutSlot(int slot) {
        return new Configuration(state, done & ~(1L << slot), used);
    }

    Configuration withUsed(int newState, int call) {
        int[] more = Arrays.copyOf(used, used.length + 1);
        int at = used.length;
        while (at > 0 && more[at - 1] > call) {
            more[at] = more[at - 1];
            at--;
        }
        more[at] = call;
        return new Configuration(newState, done, more);
    }

    Configuration withoutUsed(int[] settled) {
        return new Configuration(
                state,
                done,
                Arrays.stream(used)
                        .filter(call -> Arrays.binarySearch(settled, call) < 0)
                        .toArray());
    }
}
