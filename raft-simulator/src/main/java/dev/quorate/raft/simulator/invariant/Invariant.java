package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.Persist;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.NodeView;
import org.jspecify.annotations.Nullable;

/**
 * One sentence about the cluster that must hold after every event. A subclass listens to what concerns it and throws {@link
 * InvariantViolation} when its sentence is false. Each check costs about the same however long the logs are.
 */
public abstract class Invariant {

    protected final Cluster cluster;

    protected Invariant(Cluster cluster) {
        this.cluster = cluster;
    }

    public final String name() {
        return getClass().getSimpleName();
    }

    /** A life begins. The state machine holds everything up to {@code appliedIndex} already. */
    protected void started(NodeView node, long appliedIndex) {}

    /**
     * A batch ended with this output. The node's log does not have the output's write yet.
     *
     * @param before what the core said after the batch before, null if this is the first of this life
     */
    protected void batchEnded(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {}

    /** Like {@link #batchEnded}, after the output's write was added to the node's log. */
    protected void batchWritten(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {}

    /** An entry is committed, as a leader of {@code inTerm} was the first to say. */
    protected void committed(NodeView by, Entry entry, long inTerm) {}

    /** All entries that a batch committed were announced by {@link #committed}. */
    protected void commitAdvanced(NodeView by, RaftStatus status) {}

    /** A message leaves now, or becomes free to leave because the writes before it are durable. */
    protected void messageLeaves(NodeView from, Message message) {}

    /** A write is durable now, during a life or as what survived its end. */
    protected void writeDurable(NodeView node, Persist write) {}

    /** A life ended. The disk is as the next life will find it. */
    protected void crashed(NodeView node) {}

    /** A node that is down has lost entries of its log. */
    protected void damaged(NodeView node) {}

    /** A node that is down has lost its disk. */
    protected void wiped(NodeView node) {}

    /** The state machine has applied one entry, and its state is now {@code stateHash}. */
    protected void applied(NodeView node, Entry entry, long stateHash) {}

    /** The state machine's state is now this snapshot. */
    protected void installed(NodeView node, SnapshotMeta snapshot, long stateHash) {}

    protected final void require(boolean condition, NodeView node, String sentence) {
        if (!condition) {
            throw violation(node, sentence);
        }
    }

    protected final InvariantViolation violation(NodeView node, String sentence) {
        return new InvariantViolation(name(), node + ": " + sentence);
    }
}
