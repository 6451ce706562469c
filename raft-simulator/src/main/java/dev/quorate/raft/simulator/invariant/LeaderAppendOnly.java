package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.Persist;
import dev.quorate.raft.RaftRole;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.NodeView;
import org.jspecify.annotations.Nullable;

/** I3: a leader never overwrites or deletes an entry of its log; it only appends (Raft paper §5.3). */
public final class LeaderAppendOnly extends Invariant {

    public LeaderAppendOnly(Cluster cluster) {
        super(cluster);
    }

    @Override
    protected void batchEnded(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {
        Persist write = output.persist();
        boolean ledThroughout = before != null
                && before.role() == RaftRole.LEADER
                && after.role() == RaftRole.LEADER
                && before.term() == after.term();
        if (write == null || !ledThroughout) {
            return;
        }
        require(write.resetTo() == null, node, "replaces its log by a snapshot while it leads in term " + after.term());
        if (!write.entries().isEmpty()) {
            long first = write.entries().get(0).index();
            require(
                    first == node.log().lastIndex() + 1,
                    node,
                    "writes at index " + first + " while it leads in term " + after.term() + " with a log up to "
                            + node.log().lastIndex());
        }
    }
}
