package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.RaftRole;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * I7: entries are applied in order, without a gap, once in a life; never before they are committed, and durable on this
 * node: after a crash no state machine is ahead of its log.
 */
public final class AppliedInOrder extends Invariant {

    /** For each node, up to where it was told to apply in this life. */
    private final long[] told;
    /** For each node, up to where its state machine has applied. */
    private final long[] done;

    public AppliedInOrder(Cluster cluster) {
        super(cluster);
        told = new long[cluster.nodes().size()];
        done = new long[cluster.nodes().size()];
    }

    @Override
    protected void started(NodeView node, long appliedIndex) {
        told[node.number()] = appliedIndex;
        done[node.number()] = appliedIndex;
    }

    @Override
    protected void batchWritten(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {
        require(
                after.appliedIndex() <= after.commitIndex() && after.commitIndex() <= after.lastIndex(),
                node,
                "has applied " + after.appliedIndex() + " > committed " + after.commitIndex() + " > last index "
                        + after.lastIndex());
        boolean mayGather = after.role() == RaftRole.LEADER; // and hands the next batch out when this one is committed
        require(
                after.lastIndex() == node.log().lastIndex()
                        || (mayGather && after.lastIndex() > node.log().lastIndex()),
                node,
                "says that its log ends at " + after.lastIndex() + ", but wrote one that ends at "
                        + node.log().lastIndex());
        Output.Apply apply = output.apply();
        if (apply == null) {
            return;
        }
        long last = apply.lastIndex();
        long from = told[node.number()];
        require(last > from, node, "is told to apply up to " + last + " after it was told to apply up to " + from);
        require(last <= after.commitIndex(), node, "is told to apply " + last + " > committed " + after.commitIndex());
        require(
                last <= node.disk().log().baseIndex()
                        || cluster.committed().agreesWith(node.disk().log(), last),
                node,
                "is told to apply up to " + last + ", but its disk, up to "
                        + node.disk().log().lastIndex() + ", does not hold that");
        checkEntries(node, apply, from);
        told[node.number()] = last;
    }

    private void checkEntries(NodeView node, Output.Apply apply, long from) {
        List<Entry> entries = apply.entries();
        long next = apply.lastIndex() + 1 - entries.size();
        require(next > from, node, "is told to apply index " + next + " a second time");
        require(
                next == from + 1 || node.disk().log().baseIndex() <= from,
                node,
                "must read index " + (from + 1) + " to apply it, but that is compacted away");
        for (Entry entry : entries) {
            require(entry.index() == next, node, "is told to apply " + entry + " where index " + next + " is due");
            next++;
        }
    }

    @Override
    protected void applied(NodeView node, Entry entry, long stateHash) {
        long before = done[node.number()];
        require(entry.index() == before + 1, node, "applies " + entry + " after index " + before);
        done[node.number()] = entry.index();
    }

    @Override
    protected void installed(NodeView node, SnapshotMeta snapshot, long stateHash) {
        long before = done[node.number()];
        require(
                snapshot.index() > before,
                node,
                "installs a snapshot of index " + snapshot.index() + " over a state at index " + before);
        done[node.number()] = snapshot.index();
        told[node.number()] = Math.max(told[node.number()], snapshot.index());
    }
}
