package dev.quorate.raft;

import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;

/** Has raised its term, voted for itself and asks for votes (Raft paper §5.2). */
final class Candidate extends Campaign {

    Candidate(Raft raft) {
        super(raft);
    }

    /**
     * @param leadershipTransfer true if the leader asked for this election
     * @param releasedRound what it was promised up to this round it has given back
     */
    void start(boolean leadershipTransfer, long releasedRound) {
        EntryId last = raft.log().last();
        for (NodeId peer : raft.otherVoters()) {
            raft.send(new Message.RequestVote(
                    raft.id(), peer, raft.term(), last.index(), last.term(), leadershipTransfer, releasedRound));
        }
    }

    @Override
    void won() {
        raft.becomeLeader();
    }

    @Override
    void onPersisted() {
        // The own vote counts when it cannot be forgotten any more: a candidate that crashed right after counting it
        // could vote for another one in the same term.
        if (raft.isHardStateDurable()) {
            tally.record(raft.id(), true);
            count();
        }
    }

    @Override
    public void onRequestVoteResult(Message.RequestVoteResult message) {
        tally.record(message.from(), message.voteGranted());
        count();
    }

    @Override
    public void onPreVoteResult(Message.PreVoteResult message) {}
}
