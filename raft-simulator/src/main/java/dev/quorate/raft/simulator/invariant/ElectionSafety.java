package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** I1: at most one leader in a term, ever, and only in one of its lives (Raft paper §5.2). */
public final class ElectionSafety extends Invariant {

    private record Leader(NodeView node, int life) {}

    private final Map<Long, Leader> leaders = new HashMap<>();

    public ElectionSafety(Cluster cluster) {
        super(cluster);
    }

    @Override
    protected void batchEnded(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {
        if (!node.leads() || (before != null && before.role() == after.role() && before.term() == after.term())) {
            return;
        }
        Leader self = new Leader(node, node.life());
        Leader first = leaders.putIfAbsent(after.term(), self);
        if (first != null && !first.equals(self)) {
            throw violation(
                    node,
                    "leads in term " + after.term() + " in its life " + node.life() + ", but " + first.node()
                            + " led in this term in its life " + first.life());
        }
    }
}
