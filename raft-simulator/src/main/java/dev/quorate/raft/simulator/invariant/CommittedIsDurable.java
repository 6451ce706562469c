package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Persist;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.NodeView;
import org.jspecify.annotations.Nullable;

/** I10: at every instant each committed entry is on a quorum of disks, of nodes up or down. */
public final class CommittedIsDurable extends Invariant {

    /** For each node, the last committed index that its disk holds. */
    private final long[] held;

    private @Nullable Membership membership;

    public CommittedIsDurable(Cluster cluster) {
        super(cluster);
        held = new long[cluster.nodes().size()];
    }

    @Override
    protected void commitAdvanced(NodeView by, RaftStatus status) {
        membership = status.membership();
        for (NodeView node : cluster.nodes()) {
            held[node.number()] = cluster.committed().heldBy(node.disk().log());
        }
        check(by);
    }

    @Override
    protected void writeDurable(NodeView node, Persist write) {
        if (!write.writesNothing()) {
            held[node.number()] = cluster.committed().heldBy(node.disk().log());
            check(node);
        }
    }

    @Override
    protected void crashed(NodeView node) {
        held[node.number()] = cluster.committed().heldBy(node.disk().log());
        check(node);
    }

    private void check(NodeView node) {
        long last = cluster.committed().lastIndex();
        if (membership != null && !cluster.isQuorum(membership, voter -> held[voter.number()] >= last)) {
            throw violation(node, "the committed index " + last + " is not on a quorum of disks any more");
        }
    }
}
