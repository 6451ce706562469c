package dev.quorate.raft.quorum;

import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The quorum of a membership: a majority of its voters and, while it is joint, a majority of the outgoing voters as well
 * (Raft paper §6). A majority of the union would not do: with C-old {1, 2, 3} and C-new {3, 4, 5}, the members 3, 4, 5 are
 * a majority of the union and know nothing of what 1 and 2 decide.
 */
public final class JointConfig {

    private final MajorityConfig incoming;
    private final MajorityConfig outgoing;

    public JointConfig(Membership membership) {
        incoming = new MajorityConfig(membership.voters());
        outgoing = new MajorityConfig(membership.outgoing());
    }

    /** The largest index that both majorities have acknowledged; {@link Long#MAX_VALUE} if there are no voters. */
    public long committedIndex(ToLongFunction<NodeId> acknowledged) {
        return Math.min(incoming.committedIndex(acknowledged), outgoing.committedIndex(acknowledged));
    }

    /** Won only if both majorities are won; lost as soon as one of them is. */
    public VoteResult voteResult(Function<NodeId, @Nullable Boolean> vote) {
        VoteResult first = incoming.voteResult(vote);
        VoteResult second = outgoing.voteResult(vote);
        if (first == VoteResult.LOST || second == VoteResult.LOST) {
            return VoteResult.LOST;
        }
        return first == VoteResult.WON && second == VoteResult.WON ? VoteResult.WON : VoteResult.PENDING;
    }
}
