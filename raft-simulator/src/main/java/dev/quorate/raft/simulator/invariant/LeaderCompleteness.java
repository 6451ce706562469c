package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.NodeView;
import org.jspecify.annotations.Nullable;

/**
 * I5: an entry that a leader has committed is in the log of every leader of a later term (Raft paper §5.4). Checked when a
 * leader wins, and when an older leader still commits while a newer one leads.
 */
public final class LeaderCompleteness extends Invariant {

    public LeaderCompleteness(Cluster cluster) {
        super(cluster);
    }

    @Override
    protected void batchWritten(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {
        if (node.leads() && (before == null || before.role() != after.role() || before.term() != after.term())) {
            long index = cluster.committed().lastIndexCommittedBefore(after.term());
            require(
                    holds(node, index),
                    node,
                    "leads in term " + after.term() + " without the committed index " + index);
        }
    }

    @Override
    protected void committed(NodeView by, Entry entry, long inTerm) {
        for (NodeView other : cluster.nodes()) {
            if (other.leads() && other.term() > inTerm) {
                require(
                        holds(other, entry.index()),
                        other,
                        "leads in term " + other.term() + " without " + entry + ", which " + by + " commits in term "
                                + inTerm);
            }
        }
    }

    private boolean holds(NodeView node, long index) {
        return node.log().baseIndex() >= index || cluster.committed().agreesWith(node.log(), index);
    }
}
