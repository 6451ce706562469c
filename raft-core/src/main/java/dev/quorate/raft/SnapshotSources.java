package dev.quorate.raft;

import dev.quorate.raft.log.RaftLog;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.tracker.Progress;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * From whom a follower that the log has left behind should fetch a snapshot: from another follower rather than from the
 * leader, whose disk and network everybody waits for (ADR 14).
 *
 * <p>What followers say of their snapshots is taken as a hint only. What is offered stands in the leader's own log and is
 * committed there; its term and membership are the leader's.
 */
final class SnapshotSources {

    /** What a follower is offered. */
    record Source(NodeId member, SnapshotMeta snapshot) {}

    private final Raft raft;
    private final Map<NodeId, Progress> progress;
    private final Predicate<Progress> isThere;

    /** @param isThere whether a member answers */
    SnapshotSources(Raft raft, Map<NodeId, Progress> progress, Predicate<Progress> isThere) {
        this.raft = raft;
        this.progress = progress;
        this.isThere = isThere;
    }

    /** Null if nobody has one that reaches the start of the log. */
    @Nullable
    Source choose(NodeId receiver, Progress state) {
        SnapshotMeta newest = raft.newestSnapshot();
        Source own =
                newest == null || newest.index() < raft.log().base().index() ? null : new Source(raft.id(), newest);
        if (own != null && state.sourceFailed()) {
            return own;
        }
        if (own != null && state.hasBegun(own.snapshot().index(), raft.id())) {
            return own;
        }
        NodeId follower = bestFollower(receiver, state);
        if (follower == null) {
            return own;
        }
        return new Source(follower, raft.metaAt(heldBy(follower)));
    }

    /** Whom the receiver has a part from already; else who sends to the fewest others, and of those, who has the newest. */
    private @Nullable NodeId bestFollower(NodeId receiver, Progress state) {
        NodeId best = null;
        for (Map.Entry<NodeId, Progress> each : progress.entrySet()) {
            NodeId member = each.getKey();
            boolean canServe = !member.equals(receiver) && isUsable(each.getValue());
            if (canServe && state.hasBegun(heldBy(member), member)) {
                return member;
            }
            if (canServe && (best == null || isBetter(member, best))) {
                best = member;
            }
        }
        return best;
    }

    private boolean isUsable(Progress member) {
        RaftLog log = raft.log();
        long index = member.heldSnapshotIndex();
        return member.state() == Progress.State.REPLICATE
                && isThere.test(member)
                && index > 0
                && index >= log.base().index()
                && index <= log.commitIndex();
    }

    private boolean isBetter(NodeId member, NodeId other) {
        long load = receiversOf(member);
        long otherLoad = receiversOf(other);
        return load < otherLoad || (load == otherLoad && heldBy(member) > heldBy(other));
    }

    private long receiversOf(NodeId source) {
        return progress.values().stream()
                .filter(each -> each.state() == Progress.State.SNAPSHOT && source.equals(each.offeredSource()))
                .count();
    }

    private long heldBy(NodeId member) {
        Progress state = progress.get(member);
        return state == null ? 0 : state.heldSnapshotIndex();
    }
}
