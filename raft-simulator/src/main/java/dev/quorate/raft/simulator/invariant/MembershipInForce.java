package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.LogImage;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** I11, as far as memberships do not change yet: the one in force is the latest in the log, committed or not (thesis §4.1). */
public final class MembershipInForce extends Invariant {

    private final Membership[] seen;

    public MembershipInForce(Cluster cluster) {
        super(cluster);
        seen = new Membership[cluster.nodes().size()];
    }

    @Override
    protected void started(NodeView node, long appliedIndex) {
        Arrays.fill(seen, node.number(), node.number() + 1, Membership.EMPTY);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the same object as last time needs no second look
    protected void batchWritten(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {
        if (after.membership() == seen[node.number()]) {
            return;
        }
        Membership latest = latest(node.log());
        require(
                after.membership().equals(latest),
                node,
                "uses the membership " + after.membership() + ", but its log says " + latest);
        seen[node.number()] = after.membership();
    }

    private static Membership latest(LogImage log) {
        for (long index = log.lastIndex(); index > log.baseIndex(); index--) {
            Entry entry = log.entry(index);
            if (entry.type() == Entry.Type.MEMBERSHIP) {
                return Membership.decode(entry.payload());
            }
        }
        return log.base().membership();
    }
}
