package dev.quorate.raft;

import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Message;

/**
 * What this member has promised to a leader that holds a {@link Lease}: for a while it votes for nobody else, itself included.
 * Unlike stickiness ({@link Role#hearsFromLeader}), which is a courtesy and ends when a connection breaks, a promise is kept.
 *
 * <p>Only the leader can give it back, by telling somebody to campaign ({@link Message.TimeoutNow}). What it gives back is what
 * it was promised up to a round; when it leads on, the promises of later rounds stand against a message that comes late.
 */
final class Promise {

    private boolean isMade;
    private long term;
    private long round;
    private long untilNanos;
    private boolean mayHaveForgotten;
    private long forgottenUntilNanos;

    /**
     * A member that starts again may have promised something right before its last life ended, and it is not on the disk: no
     * leader's word gives that back. A life that had no term has heard no leader.
     */
    static Promise atStart(RaftConfig config, HardState durable, long nowNanos) {
        Promise promise = new Promise();
        promise.mayHaveForgotten = config.usesLeases() && durable.term() > 0;
        promise.forgottenUntilNanos = nowNanos + config.electionTimeoutNanos();
        return promise;
    }

    /** @param until on this member's clock; an earlier promise that lasts longer stands */
    void make(long ofTerm, long ofRound, long until) {
        boolean isLater = !isMade || until - untilNanos > 0;
        untilNanos = isLater ? until : untilNanos;
        if (!isMade || ofTerm > term) {
            term = ofTerm;
            round = ofRound;
        } else if (ofTerm == term) {
            round = Math.max(round, ofRound); // the network may have turned two heartbeats round
        }
        isMade = true;
    }

    boolean binds(long nowNanos) {
        if (isMade && nowNanos - untilNanos >= 0) {
            isMade = false;
        }
        return isMade || bindsFromEarlierLife(nowNanos);
    }

    private boolean bindsFromEarlierLife(long nowNanos) {
        if (mayHaveForgotten && nowNanos - forgottenUntilNanos >= 0) {
            mayHaveForgotten = false;
        }
        return mayHaveForgotten;
    }

    /** How long from now it binds, 0 if it does not. */
    long remainingNanos(long nowNanos) {
        long made = binds(nowNanos) && isMade ? untilNanos - nowNanos : 0;
        return mayHaveForgotten ? Math.max(made, forgottenUntilNanos - nowNanos) : made;
    }

    boolean forbids(Message.RequestVote vote, long nowNanos) {
        return bindsFromEarlierLife(nowNanos)
                || (binds(nowNanos)
                        && !(vote.leadershipTransfer() && isGivenBack(vote.term() - 1, vote.releasedRound())));
    }

    boolean forbids(Message.TimeoutNow call, long nowNanos) {
        return bindsFromEarlierLife(nowNanos) || (binds(nowNanos) && !isGivenBack(call.term(), call.releasedRound()));
    }

    /** What an earlier leader was promised had ended when the one of {@code ofTerm} was elected. */
    private boolean isGivenBack(long ofTerm, long throughRound) {
        return term < ofTerm || (term == ofTerm && round <= throughRound);
    }
}
