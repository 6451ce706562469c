package dev.quorate.raft;

import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;

/**
 * Asks whether it could win before it disturbs anybody (thesis §9.6): its term stays as it is. Without this stage, a member
 * that was cut off comes back with a term that it raised alone, and deposes the leader.
 */
final class PreCandidate extends Campaign {

    PreCandidate(Raft raft) {
        super(raft);
    }

    void start() {
        EntryId last = raft.log().last();
        for (NodeId peer : raft.otherVoters()) {
            raft.send(new Message.PreVote(raft.id(), peer, raft.term(), raft.term() + 1, last.index(), last.term()));
        }
        tally.record(raft.id(), true);
        count();
    }

    @Override
    void won() {
        raft.becomeCandidate();
    }

    @Override
    void onPersisted() {}

    @Override
    public void onPreVoteResult(Message.PreVoteResult message) {
        if (message.candidateTerm() == raft.term() + 1) {
            tally.record(message.from(), message.voteGranted());
            count();
        }
    }

    @Override
    public void onRequestVoteResult(Message.RequestVoteResult message) {}
}
