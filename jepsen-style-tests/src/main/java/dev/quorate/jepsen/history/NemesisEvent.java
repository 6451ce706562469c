package dev.quorate.jepsen.history;

import java.util.List;

/**
 * One fault, from its beginning to its healing.
 *
 * @param kind for instance "kill" or "pause"
 * @param target in words, for instance "leader"
 * @param nodes who was hit
 */
public record NemesisEvent(String kind, String target, List<String> nodes, long startNanos, long endNanos) {
    public NemesisEvent {
        nodes = List.copyOf(nodes);
    }
}
