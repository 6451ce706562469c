package dev.quorate.raft.quorum;

import dev.quorate.raft.model.NodeId;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A set of voters of which more than half must agree. An empty set agrees with everything, so that the half of a joint
 * configuration that is not there never stands in the way.
 */
public final class MajorityConfig {

    private final NodeId[] voters;

    public MajorityConfig(Collection<NodeId> voters) {
        this.voters = voters.toArray(new NodeId[0]);
    }

    /**
     * The largest index that more than half of the voters have acknowledged.
     *
     * <p>With four voters at 1, 2, 3, 4 this is 2: three of them hold index 2. Taking n/2 voters for a majority would say
     * 3, and two pairs could commit different entries.
     *
     * @return {@link Long#MAX_VALUE} if there are no voters
     */
    public long committedIndex(ToLongFunction<NodeId> acknowledged) {
        if (voters.length == 0) {
            return Long.MAX_VALUE;
        }
        long[] indexes = new long[voters.length];
        for (int i = 0; i < voters.length; i++) {
            indexes[i] = acknowledged.applyAsLong(voters[i]);
        }
        Arrays.sort(indexes);
        return indexes[voters.length - majority()];
    }

    /** @param vote true for granted, false for refused, null for no answer yet */
    public VoteResult voteResult(Function<NodeId, @Nullable Boolean> vote) {
        if (voters.length == 0) {
            return VoteResult.WON;
        }
        int granted = 0;
        int refused = 0;
        for (NodeId voter : voters) {
            Boolean answer = vote.apply(voter);
            if (answer != null) {
                if (answer) {
                    granted++;
                } else {
                    refused++;
                }
            }
        }
        if (granted >= majority()) {
            return VoteResult.WON;
        }
        return voters.length - refused < majority() ? VoteResult.LOST : VoteResult.PENDING;
    }

    private int majority() {
        return voters.length / 2 + 1;
    }
}
