package dev.quorate.raft;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.Message.ReadIndexResult.Outcome;
import dev.quorate.raft.model.NodeId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a member is at the moment, and how it takes everything that can happen to it. A role is made by a transition and dies
 * with the next one, and all its state with it: nothing of an old leadership can leak into a new one.
 *
 * <p>Messages arrive here with the member's own term ({@link Raft#receive} has dealt with older and newer ones), except
 * {@link Message.PreVote} and {@link Message.PreVoteResult}, which say nothing of the receiver's term.
 */
abstract sealed class Role implements Message.Handler permits Follower, Campaign, Leader {

    final Raft raft;

    Role(Raft raft) {
        this.raft = raft;
    }

    abstract RaftRole kind();

    /** Time has passed: {@link Raft#now} is new. */
    abstract void onTick();

    /** A write has become durable. */
    abstract void onPersisted();

    abstract void propose(long firstId, List<byte[]> commands);

    /** @param byLease true if a leader's lease may stand for a round */
    abstract void readIndex(long id, boolean byLease);

    /** The clock may have lost time. */
    void onClockDoubted() {}

    /** Only a leader can. */
    void changeMembership(long id, MembershipChange change) {
        raft.out().rejected(Output.Rejected.Kind.CHANGE, id, notLeading(), raft.leader());
    }

    /** Only a leader can. */
    void transferLeadership(long id, @Nullable NodeId to) {
        raft.out().rejected(Output.Rejected.Kind.TRANSFER, id, notLeading(), raft.leader());
    }

    private Output.Reason notLeading() {
        return raft.leader() == null ? Output.Reason.NO_LEADER : Output.Reason.NOT_LEADER;
    }

    abstract void onFetched(Output.Fetch fetch, List<Entry> entries);

    abstract void onFetchFailed(Output.Fetch fetch);

    abstract void onUnreachable(NodeId peer);

    /**
     * True if a vote request of a newer term should not even be looked at, because there is a leader (thesis §4.2.3):
     * otherwise a member that was cut off, or removed, comes back and deposes a healthy leader.
     */
    abstract boolean hearsFromLeader();

    /** The batch is over: the last chance to send. */
    abstract void beforeOutput();

    /** Entries up to this index may be handed to the disk. */
    long writableIndex() {
        return raft.log().lastIndex();
    }

    /** Another role follows: answer everything that waits here. */
    abstract void leave();

    final void answerVote(Message.RequestVote request) {
        NodeId candidate = request.from();
        boolean granted = raft.hasVoice()
                && raft.mayVoteFor(candidate)
                && !raft.promise().forbids(request, raft.now())
                && raft.isUpToDate(request.lastLogIndex(), request.lastLogTerm());
        if (granted) {
            raft.voteFor(candidate);
        }
        raft.send(new Message.RequestVoteResult(raft.id(), candidate, raft.term(), granted));
    }

    final void answerPreVote(Message.PreVote request) {
        boolean granted = raft.hasVoice()
                && !hearsFromLeader()
                && !raft.promise().binds(raft.now())
                && request.candidateTerm() > raft.term()
                && raft.isUpToDate(request.lastLogIndex(), request.lastLogTerm());
        raft.send(new Message.PreVoteResult(raft.id(), request.from(), raft.term(), request.candidateTerm(), granted));
    }

    final void refuseRead(Message.ReadIndex message, Outcome why) {
        raft.send(new Message.ReadIndexResult(raft.id(), message.from(), raft.term(), message.request(), why, 0));
    }

    /**
     * Proposals of this term were passed on to the leader of this term: to this member, which led and lost its office, by
     * check-quorum or a restart. This may be a repeated copy of a message that it took in while it led, so "nothing
     * happened" could be untrue. Who asked finds out with the next term, or when its own time is up.
     */
    final void ignoreForward(Message.Propose repeatedOrLate) {}

    /** Answers proposals of an older term. The newer one in the answer ends them, with their outcome unknown. */
    final void refuseProposals(Message.Propose message) {
        raft.send(new Message.ProposeResult(
                raft.id(), message.from(), raft.term(), message.incarnation(), message.batch(), 0, 0));
    }

    final void rejectAll(long firstId, int count, Output.Reason reason) {
        for (int i = 0; i < count; i++) {
            raft.out().rejectedProposal(firstId + i, reason, raft.leader());
        }
    }
}
