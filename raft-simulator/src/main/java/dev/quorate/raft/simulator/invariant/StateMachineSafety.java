package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.CommittedLog;
import dev.quorate.raft.simulator.observe.Hashing;
import dev.quorate.raft.simulator.observe.NodeView;
import org.jspecify.annotations.Nullable;

/**
 * I6: what one member commits or applies at an index, every member commits and applies there (Raft paper §5.4.3), and
 * leads to the same state.
 */
public final class StateMachineSafety extends Invariant {

    public StateMachineSafety(Cluster cluster) {
        super(cluster);
    }

    @Override
    protected void batchWritten(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {
        long index = after.commitIndex();
        if (before != null && before.commitIndex() == index) {
            return;
        }
        require(
                index <= cluster.committed().lastIndex(),
                node,
                "calls index " + index + " committed, beyond what anybody committed");
        require(
                index <= node.log().baseIndex() || cluster.committed().agreesWith(node.log(), index),
                node,
                "calls its log committed up to " + index + " (the log ends at "
                        + node.log().lastIndex() + "), but other entries are committed there");
    }

    @Override
    protected void applied(NodeView node, Entry entry, long stateHash) {
        CommittedLog committed = cluster.committed();
        long index = entry.index();
        require(index <= committed.lastIndex(), node, "applies " + entry + ", which nobody committed");
        require(
                Hashing.chain(committed.chainAt(index - 1), entry) == committed.chainAt(index),
                node,
                "applies " + entry + ", but another entry is committed there, of term " + committed.termAt(index));
        require(committed.sameStateAt(index, stateHash), node, "has another state than others after index " + index);
    }
}
