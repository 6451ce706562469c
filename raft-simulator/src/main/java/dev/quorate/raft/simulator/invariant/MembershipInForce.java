package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.Persist;
import dev.quorate.raft.RaftRole;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.LogImage;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * I11: the membership in force is the latest in the log, committed or not (thesis §4.1). A leader appends one only when it has
 * committed an entry of its term and the one before is committed; and two that follow each other have quorums that meet,
 * because their voters are the same or one is the joint form of the other.
 */
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

    /** A leader that left the voters leads until that is committed, and no longer (thesis §4.2.2). */
    @Override
    protected void batchEnded(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {
        Membership committed = cluster.committed().membership();
        boolean hasLeft = node.leads()
                && before != null
                && before.commitIndex() >= cluster.committed().membershipIndex()
                && after.membership().equals(committed)
                && !committed.isVoter(node.id());
        require(!hasLeft, node, "leads on although it left the voters, and knows that this is committed");
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the same object as last time needs no second look
    protected void batchWritten(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {
        if (after.membership() == seen[node.number()]) {
            return;
        }
        Membership latest = latest(node.log());
        checkAppended(node, before, after, output);
        require(
                after.membership().equals(latest),
                node,
                "uses the membership " + after.membership() + ", but its log says " + latest);
        seen[node.number()] = after.membership();
    }

    private void checkAppended(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {
        Persist write = output.persist();
        if (write == null || before == null || before.role() != RaftRole.LEADER || before.term() != after.term()) {
            return;
        }
        Membership previous = before.membership();
        for (Entry entry : write.entries()) {
            if (entry.type() != Entry.Type.MEMBERSHIP || entry.term() != after.term()) {
                continue;
            }
            long previousIndex = indexBefore(node.log(), entry.index());
            require(
                    previousIndex <= after.commitIndex(),
                    node,
                    "appends a membership at index " + entry.index() + " while the one at " + previousIndex
                            + " is not committed");
            long readyAt = Math.min(after.commitIndex(), entry.index());
            require(
                    node.log().termAt(readyAt) == after.term() && readyAt < entry.index(),
                    node,
                    "appends a membership at index " + entry.index() + " in term " + after.term()
                            + " before an entry of this term is committed");
            Membership next = Membership.decode(entry.payload());
            require(
                    haveMeetingQuorums(previous, next),
                    node,
                    "goes from " + previous + " to " + next + ", whose quorums need not meet");
            previous = next;
        }
    }

    private static boolean haveMeetingQuorums(Membership from, Membership to) {
        if (from.isJoint()) {
            return !to.isJoint() && to.voters().equals(from.voters());
        }
        return to.isJoint() ? to.outgoing().equals(from.voters()) : to.voters().equals(from.voters());
    }

    private static long indexBefore(LogImage log, long index) {
        for (long i = index - 1; i > log.baseIndex(); i--) {
            if (log.entry(i).type() == Entry.Type.MEMBERSHIP) {
                return i;
            }
        }
        return log.baseIndex();
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
