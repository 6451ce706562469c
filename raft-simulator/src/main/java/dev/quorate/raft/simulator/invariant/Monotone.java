package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.Persist;
import dev.quorate.raft.RaftRole;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * I9: what never goes back: term and commit index in a life; the durable term, the vote in it and the start of the log over
 * all lives; what a leader knows of its followers in its term. And no log is ahead of its node's term.
 */
public final class Monotone extends Invariant {

    private final HardState[] durable;
    private final long[] baseIndex;

    public Monotone(Cluster cluster) {
        super(cluster);
        int count = cluster.nodes().size();
        durable = new HardState[count];
        baseIndex = new long[count];
        Arrays.fill(durable, HardState.INITIAL);
    }

    @Override
    protected void damaged(NodeView node) {
        baseIndex[node.number()] = node.disk().log().baseIndex();
    }

    @Override
    protected void wiped(NodeView node) {
        durable[node.number()] = HardState.INITIAL;
        baseIndex[node.number()] = 0;
    }

    @Override
    protected void batchEnded(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {
        if (before == null) {
            require(
                    after.term() >= durable[node.number()].term(),
                    node,
                    "starts in term " + after.term() + " after term " + durable[node.number()].term());
            return;
        }
        require(after.term() >= before.term(), node, "goes from term " + before.term() + " back to " + after.term());
        require(
                after.commitIndex() >= before.commitIndex(),
                node,
                "takes its commit index back from " + before.commitIndex() + " to " + after.commitIndex());
        require(
                after.appliedIndex() >= before.appliedIndex(),
                node,
                "takes its applied index back from " + before.appliedIndex() + " to " + after.appliedIndex());
        boolean leadsOn = before.role() == RaftRole.LEADER && node.leads() && before.term() == after.term();
        if (leadsOn) {
            checkMatchIndex(node, before.matchIndex(), after.matchIndex());
        }
    }

    private void checkMatchIndex(NodeView node, Map<NodeId, Long> before, Map<NodeId, Long> after) {
        for (NodeView other : cluster.nodes()) {
            Long was = before.get(other.id());
            Long is = after.get(other.id());
            // Who has lost entries says so, and the word may come late.
            if (was != null && is != null && is < was && !other.wasDamaged()) {
                throw violation(node, "takes matchIndex of " + other + " back from " + was + " to " + is);
            }
        }
    }

    @Override
    protected void writeDurable(NodeView node, Persist write) {
        HardState was = durable[node.number()];
        HardState is = node.disk().hardState();
        require(is.term() >= was.term(), node, "the durable term goes from " + was.term() + " back to " + is.term());
        require(
                is.term() > was.term()
                        || was.votedFor() == null
                        || was.votedFor().equals(is.votedFor()),
                node,
                "the durable vote in term " + is.term() + " changes from " + was.votedFor() + " to " + is.votedFor());
        durable[node.number()] = is;
        long base = node.disk().log().baseIndex();
        require(base >= baseIndex[node.number()], node, "the log's start goes back to " + base);
        baseIndex[node.number()] = base;
        require(
                node.disk().log().lastTerm() <= is.term(),
                node,
                "the durable log ends in term " + node.disk().log().lastTerm() + ", but the durable term is "
                        + is.term());
    }
}
