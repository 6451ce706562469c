package dev.quorate.jepsen.nemesis;

import java.util.List;

/**
 * One fault to come.
 *
 * @param kind of fault, for instance "kill"
 * @param target whom it is meant for, in words, for instance "leader"
 * @param nodes who that is just now
 * @param lastsMillis from the strike to the healing; 0 for a fault that leaves nothing to heal
 * @param strike hurts the nodes; returns when it is done
 * @param heal makes good what {@code strike} did, also when it did not finish
 */
public record Blow(String kind, String target, List<String> nodes, long lastsMillis, Runnable strike, Runnable heal) {
    public Blow {
        nodes = List.copyOf(nodes);
    }

    @Override
    public String toString() {
        return kind + " " + target + " " + nodes;
    }
}
