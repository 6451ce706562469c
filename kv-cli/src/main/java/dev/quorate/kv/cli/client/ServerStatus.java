package dev.quorate.kv.cli.client;

import dev.quorate.kv.api.StatusResponse;
import java.util.List;

/**
 * What one server says of itself, in the words of {@code kv}.
 *
 * @param role as it sees itself: one that was cut off may still believe that it leads
 * @param leaderId the member that it follows, 0 if it knows none
 * @param databaseBytes what the store takes on disk
 */
public record ServerStatus(
        Role role,
        long memberId,
        long leaderId,
        long term,
        long commitIndex,
        long appliedIndex,
        String version,
        long databaseBytes,
        List<String> errors) {

    /** The words are part of the JSON that others read. */
    public enum Role {
        leader,
        follower,
        learner
    }

    static ServerStatus of(StatusResponse response) {
        long memberId = response.getHeader().getMemberId();
        Role role = response.getIsLearner()
                ? Role.learner
                : response.getLeader() != 0 && response.getLeader() == memberId ? Role.leader : Role.follower;
        return new ServerStatus(
                role,
                memberId,
                response.getLeader(),
                response.getRaftTerm(),
                response.getRaftIndex(),
                response.getRaftAppliedIndex(),
                response.getVersion(),
                response.getDbSize(),
                List.copyOf(response.getErrorsList()));
    }
}
