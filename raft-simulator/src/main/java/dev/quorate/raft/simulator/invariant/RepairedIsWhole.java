package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.Persist;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.LogImage;
import dev.quorate.raft.simulator.observe.NodeView;
import org.jspecify.annotations.Nullable;

/**
 * I10, for logs that were damaged: a member that says that its log is repaired has on its disk all that it ever had of what is
 * committed; and before it says so it gives nobody its vote.
 */
public final class RepairedIsWhole extends Invariant {

    public RepairedIsWhole(Cluster cluster) {
        super(cluster);
    }

    @Override
    protected void batchEnded(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {
        Persist write = output.persist();
        if (write == null || !write.repaired()) {
            return;
        }
        long holds = cluster.committed().heldBy(node.disk().log());
        for (LogImage lost : node.lost()) {
            long held = cluster.committed().heldBy(lost);
            require(
                    holds >= held,
                    node,
                    "says that its log is repaired, but holds what is committed up to " + holds + ", and held it up to "
                            + held + " once");
        }
        node.repaired();
    }

    @Override
    protected void messageLeaves(NodeView from, Message message) {
        boolean isVote = (message instanceof Message.RequestVoteResult result && result.voteGranted())
                || (message instanceof Message.PreVoteResult answer && answer.voteGranted())
                || message instanceof Message.RequestVote;
        require(!isVote || from.lost().isEmpty(), from, "votes although its log is damaged: " + message);
    }
}
