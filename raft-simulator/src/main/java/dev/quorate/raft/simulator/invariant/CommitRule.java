package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.RaftRole;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.NodeView;
import org.jspecify.annotations.Nullable;

/**
 * I8: the commit index advances only to an entry of the leader's own term that a quorum holds durably (Raft paper §5.4.2).
 * Looked up on the disks, not in anybody's idea of them.
 */
public final class CommitRule extends Invariant {

    public CommitRule(Cluster cluster) {
        super(cluster);
    }

    /**
     * Checks that a member may be the first to call an index committed.
     *
     * @return the term of the leader that commits it
     */
    long checkAdvance(NodeView node, @Nullable RaftStatus before, RaftStatus after) {
        long index = after.commitIndex();
        require(
                node.log().knows(index),
                node,
                "commits index " + index + ", but its log ends at " + node.log().lastIndex());
        long entryTerm = node.log().termAt(index);
        boolean leads = after.role() == RaftRole.LEADER && after.term() == entryTerm;
        // In one batch a leader may commit and then lose its office.
        boolean led = before != null && before.role() == RaftRole.LEADER && before.term() == entryTerm;
        require(
                leads || led,
                node,
                "is the first to commit index " + index + " of term " + entryTerm + ", as " + after.role() + " in term "
                        + after.term() + ": only a leader commits, and only by an entry of its own term");
        long prefix = node.log().chainAt(index);
        // What a batch commits, it commits before it takes the next step of a membership change.
        Membership membership = (before == null ? after : before).membership();
        boolean durable = cluster.isQuorum(membership, voter -> voter.holds(membership, index, prefix));
        require(durable, node, "commits index " + index + " of term " + entryTerm + ", which no quorum of disks holds");
        return entryTerm;
    }
}
