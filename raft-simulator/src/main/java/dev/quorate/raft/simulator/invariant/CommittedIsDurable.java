package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.Persist;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.LogImage;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** I10: at every instant each committed entry is on a quorum of disks, of nodes up or down. */
public final class CommittedIsDurable extends Invariant {

    /**
     * For each disk, the last committed index that it holds. A disk that is lost keeps its last number: it is as if its node
     * were down for ever, and the one that comes back in its place is another.
     */
    private final Map<Long, Long> held = new HashMap<>();

    private @Nullable Membership membership;

    public CommittedIsDurable(Cluster cluster) {
        super(cluster);
    }

    /** What a batch commits, it commits before it takes the next step of a membership change: what counts is the one before. */
    private final Map<Integer, Membership> inForce = new HashMap<>();

    @Override
    protected void batchEnded(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {
        inForce.put(node.number(), (before == null ? after : before).membership());
    }

    @Override
    protected void commitAdvanced(NodeView by, RaftStatus status) {
        Membership members = Objects.requireNonNull(inForce.get(by.number()));
        membership = members;
        for (NodeView node : cluster.nodes()) {
            look(node);
            long recorded = members.member(node.id()).identity();
            if (recorded != 0 && recorded != node.identity()) {
                held.put(
                        recorded,
                        cluster.committed().heldBy(node.diskMeantBy(members).log()));
            }
        }
        check(by);
    }

    @Override
    protected void writeDurable(NodeView node, Persist write) {
        if (!write.writesNothing()) {
            look(node);
            check(node);
        }
    }

    @Override
    protected void damaged(NodeView node) {
        look(node);
        check(node);
    }

    @Override
    protected void crashed(NodeView node) {
        inForce.remove(node.number());
        look(node);
        check(node);
    }

    private void look(NodeView node) {
        long last = cluster.committed().heldBy(node.disk().log());
        for (LogImage lost : node.lost()) {
            last = Math.max(last, cluster.committed().heldBy(lost));
        }
        held.put(node.identity(), last);
    }

    private long heldFor(NodeView voter, Membership members) {
        long recorded = members.member(voter.id()).identity();
        return held.getOrDefault(recorded == 0 ? voter.identity() : recorded, 0L);
    }

    private void check(NodeView node) {
        long last = cluster.committed().lastIndex();
        Membership members = membership;
        if (members != null && !cluster.isQuorum(members, voter -> heldFor(voter, members) >= last)) {
            throw violation(node, "the committed index " + last + " is not on a quorum of disks any more");
        }
    }
}
