package dev.quorate.raft;

import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One moment of a member, for people and metrics.
 *
 * @param leader who leads in {@code term}, null if unknown
 * @param firstIndex the first entry that the log still holds
 * @param lastIndex the last entry of the log, durable or not
 * @param durableIndex the last entry that is durable here
 * @param damaged true if this member's log has lost entries that it acknowledged, and they are not all back: it neither votes nor
 *     leads
 * @param matchIndex at the leader, what each other member is known to hold; empty elsewhere
 */
public record RaftStatus(
        NodeId id,
        RaftRole role,
        long term,
        @Nullable NodeId leader,
        long firstIndex,
        long lastIndex,
        long durableIndex,
        long commitIndex,
        long appliedIndex,
        Membership membership,
        boolean damaged,
        Map<NodeId, Long> matchIndex) {

    /** Copies the map. */
    public RaftStatus {
        matchIndex = Map.copyOf(matchIndex);
    }
}
