package dev.quorate.raft;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.quorum.VoteResult;
import dev.quorate.raft.tracker.VoteTally;
import java.util.List;

/** What the two stages of an election have in common: nobody leads, votes are counted, and a leader's message ends it. */
abstract sealed class Campaign extends Role permits PreCandidate, Candidate {

    final VoteTally tally = new VoteTally();

    Campaign(Raft raft) {
        super(raft);
    }

    /** Acts on the count as it stands. */
    final void count() {
        VoteResult result = tally.result(raft.quorum());
        if (result == VoteResult.WON) {
            won();
        } else if (result == VoteResult.LOST) {
            raft.becomeFollower(raft.term(), null);
        }
    }

    abstract void won();

    @Override
    final RaftRole kind() {
        return RaftRole.CANDIDATE;
    }

    @Override
    final void onTick() {
        if (raft.timer().isDue(raft.now())) {
            raft.campaign();
        }
    }

    @Override
    final void propose(long firstId, List<byte[]> commands) {
        rejectAll(firstId, commands.size(), Output.Reason.NO_LEADER);
    }

    @Override
    final void readIndex(long id, boolean byLease) {
        raft.out().rejectedRead(id, Output.Reason.NO_LEADER, null);
    }

    @Override
    final void onFetched(Output.Fetch fetch, List<Entry> entries) {}

    @Override
    final void onFetchFailed(Output.Fetch fetch) {}

    @Override
    final void onUnreachable(NodeId peer) {}

    @Override
    final boolean hearsFromLeader() {
        return false;
    }

    @Override
    final void beforeOutput() {}

    @Override
    final void leave() {}

    @Override
    public final void onPreVote(Message.PreVote message) {
        answerPreVote(message);
    }

    @Override
    public final void onRequestVote(Message.RequestVote message) {
        answerVote(message);
    }

    // A leader of this term exists: the election is over (Raft paper §5.2).

    @Override
    public final void onAppendEntries(Message.AppendEntries message) {
        raft.becomeFollower(raft.term(), message.from()).onAppendEntries(message);
    }

    @Override
    public final void onHeartbeat(Message.Heartbeat message) {
        raft.becomeFollower(raft.term(), message.from()).onHeartbeat(message);
    }

    @Override
    public final void onInstallSnapshot(Message.InstallSnapshot message) {
        raft.becomeFollower(raft.term(), message.from()).onInstallSnapshot(message);
    }

    @Override
    public final void onReadIndex(Message.ReadIndex message) {
        refuseRead(message, Message.ReadIndexResult.Outcome.NOT_LEADER);
    }

    @Override
    public final void onPropose(Message.Propose message) {
        ignoreForward(message);
    }

    // Answers to a leader or to a follower of this term; this member is neither.

    @Override
    public final void onAppendEntriesAccepted(Message.AppendEntriesAccepted message) {}

    @Override
    public final void onAppendEntriesRejected(Message.AppendEntriesRejected message) {}

    @Override
    public final void onHeartbeatResult(Message.HeartbeatResult message) {}

    @Override
    public final void onInstallSnapshotResult(Message.InstallSnapshotResult message) {}

    @Override
    public final void onReadIndexResult(Message.ReadIndexResult message) {}

    @Override
    public final void onProposeResult(Message.ProposeResult message) {}

    @Override
    public final void onTimeoutNow(Message.TimeoutNow message) {}

    @Override
    public final void onDamaged(Message.Damaged message) {}

    @Override
    public final void onDamageNoted(Message.DamageNoted message) {}
}
