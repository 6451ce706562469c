package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.Persist;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.CommittedLog;
import dev.quorate.raft.simulator.observe.NodeView;
import org.jspecify.annotations.Nullable;

/**
 * I14: a snapshot is the state that replaying the log up to its index gives; a log starts only after what is committed, at
 * the committed term.
 */
public final class SnapshotFidelity extends Invariant {

    public SnapshotFidelity(Cluster cluster) {
        super(cluster);
    }

    @Override
    protected void batchEnded(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {
        Persist write = output.persist();
        if (write != null) {
            checkCommitted(node, "starts its log after", write.resetTo());
            checkCommitted(node, "compacts its log through", write.compactThrough());
        }
    }

    @Override
    protected void installed(NodeView node, SnapshotMeta snapshot, long stateHash) {
        checkCommitted(node, "installs a snapshot of", snapshot);
        require(
                cluster.committed().sameStateAt(snapshot.index(), stateHash),
                node,
                "installs a snapshot of index " + snapshot.index() + " that is not the state after that index");
    }

    private void checkCommitted(NodeView node, String what, @Nullable SnapshotMeta meta) {
        CommittedLog committed = cluster.committed();
        require(
                meta == null
                        || (meta.index() <= committed.lastIndex() && committed.termAt(meta.index()) == meta.term()),
                node,
                what + " " + (meta == null ? "" : meta.lastIncluded()) + ", which is not committed");
        require(
                meta == null || meta.membership().equals(committed.membershipAt(meta.index())),
                node,
                what + " " + (meta == null ? "" : meta.lastIncluded() + " with the membership " + meta.membership())
                        + ", which was not the one in force there");
    }
}
