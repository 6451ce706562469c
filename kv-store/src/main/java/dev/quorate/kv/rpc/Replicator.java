package dev.quorate.kv.rpc;

import dev.quorate.kv.command.CommandResult;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.ReadConsistency;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.runtime.Installation;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What the services need of a member of the group: a {@link dev.quorate.raft.runtime.RaftNode}. */
public interface Replicator {

    /**
     * Replicates and carries out a command. Never blocks.
     *
     * @param command handed over
     * @return completes on the apply thread, or exceptionally with a {@link dev.quorate.raft.runtime.RaftException}
     */
    CompletableFuture<CommandResult> propose(byte[] command);

    /**
     * Completes when a read of this member's store is linearizable; on one of the node's threads, where nobody may wait. Or
     * exceptionally with a {@link dev.quorate.raft.runtime.RaftException}.
     */
    CompletableFuture<Long> readIndex();

    /** The same for a read that may miss something, see {@link dev.quorate.raft.ReadConsistency}. */
    CompletableFuture<Long> read(ReadConsistency consistency);

    /**
     * Changes who belongs to the group; at the leader only.
     *
     * @return completes on the apply thread, or exceptionally with a {@link dev.quorate.raft.runtime.RaftException}
     */
    CompletableFuture<Membership> changeMembership(MembershipChange change);

    /**
     * Hands leadership over; at the leader only.
     *
     * @return completes on one of the node's threads, or exceptionally with a {@link dev.quorate.raft.runtime.RaftException}
     */
    CompletableFuture<Void> transferLeadership(NodeId to);

    /** One moment of the member. */
    RaftStatus status();

    /** Whether this member does not vote, and does not wait to. Costs a call next to nothing. */
    boolean isLearner();

    /** What has happened to proposals and leaders. */
    Counts counts();

    /**
     * Since the member was started.
     *
     * @param proposed proposals of clients of this member, and of the member itself
     * @param failed those that were refused, or whose outcome is not known
     * @param pending those that are under way
     * @param leaderChanges how often a leader was found where there was another one, or none
     */
    record Counts(long proposed, long failed, long pending, long leaderChanges) {}

    /** The snapshot that is on its way to the member, null if none is. */
    @Nullable
    Installation installation();
}
