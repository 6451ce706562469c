package dev.quorate.raft;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;

/**
 * A member whose log has lost entries that it acknowledged. What it said of them may be counted by leaders yet, and nobody can say
 * of which. As long as that is so it gives no vote and does not campaign: every quorum that elects then has a member that holds
 * what this one helped to commit. (Alagappan et al., "Protocol-Aware Recovery for Consensus-Based Storage", FAST 2018, has the
 * ways in which a member that just cuts its log and goes on loses committed entries.)
 *
 * <p>It is over when a leader of this member's term says, asked in this life, where its log ends, and this log agrees with it up
 * to there, durably. All entries that this member ever acknowledged and that are committed stand there: those of earlier terms
 * because that leader was elected, without a vote of the damaged member, or with one that it gave while it was whole; those of
 * this term because the leader had sent them before it was asked. The term and the vote are known to be whole.
 */
final class Damage {

    private static final long UNKNOWN = -1;

    private long term;
    private long repairedAt = UNKNOWN;
    private long agreesThrough;

    /** A leader was told, and its log ends there. */
    void noted(long leaderTerm, long lastIndex) {
        follow(leaderTerm);
        if (repairedAt == UNKNOWN) {
            repairedAt = lastIndex;
        }
    }

    /** This log agrees with the leader's up to here. */
    void agrees(long leaderTerm, long index) {
        follow(leaderTerm);
        agreesThrough = Math.max(agreesThrough, index);
    }

    private void follow(long leaderTerm) {
        if (leaderTerm != term) {
            term = leaderTerm;
            repairedAt = UNKNOWN;
            agreesThrough = 0;
        }
    }

    boolean isOver(long currentTerm, long durableIndex) {
        return term == currentTerm && repairedAt != UNKNOWN && Math.min(agreesThrough, durableIndex) >= repairedAt;
    }

    /** Said with each heartbeat: the leader may have changed, or taken an acknowledgement of an earlier life for a new one. */
    static Message tell(Raft raft, NodeId leader) {
        return new Message.Damaged(
                raft.id(), leader, raft.term(), raft.incarnation(), raft.log().lastIndex());
    }
}
