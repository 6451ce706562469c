package dev.quorate.raft;

import dev.quorate.raft.log.RaftLog;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes entries from a leader, if it knows one, and passes requests on to it. Learners are followers that never campaign. */
final class Follower extends Role {

    private final Forwards forwards;
    private @Nullable NodeId leader;
    private long heardNanos;
    private boolean suspected;
    /** The newest round in which the leader of this term was not about to hand its office over. */
    private long leadsOnSinceRound;

    Follower(Raft raft, @Nullable NodeId leader) {
        super(raft);
        this.forwards = new Forwards(raft);
        this.leader = leader;
        this.heardNanos = raft.now();
    }

    @Nullable
    NodeId leader() {
        return leader;
    }

    @Override
    RaftRole kind() {
        return raft.membership().isLearner(raft.id()) ? RaftRole.LEARNER : RaftRole.FOLLOWER;
    }

    @Override
    void onTick() {
        forwards.expire();
        if (raft.timer().isDue(raft.now())) {
            raft.campaign();
        }
    }

    @Override
    void onPersisted() {}

    @Override
    void propose(long firstId, List<byte[]> commands) {
        if (leader == null) {
            rejectAll(firstId, commands.size(), Output.Reason.NO_LEADER);
        } else if (!raft.config().forwardProposals()) {
            rejectAll(firstId, commands.size(), Output.Reason.NOT_LEADER);
        } else {
            forwards.propose(leader, firstId, commands);
        }
    }

    @Override
    void readIndex(long id, boolean byLease) {
        if (leader == null) {
            raft.out().rejectedRead(id, Output.Reason.NO_LEADER, null);
        } else {
            forwards.readIndex(leader, id, byLease);
        }
    }

    @Override
    void onFetched(Output.Fetch fetch, List<Entry> entries) {}

    @Override
    void onFetchFailed(Output.Fetch fetch) {}

    @Override
    void onUnreachable(NodeId peer) {
        // A process that died closes its connections at once, long before its silence is conspicuous. If it is only our
        // connection that broke, the others still hear the leader and refuse the pre-vote: nobody is disturbed.
        if (peer.equals(leader) && !suspected) {
            suspected = true;
            raft.hurryElection();
        }
    }

    @Override
    boolean hearsFromLeader() {
        return leader != null
                && !suspected
                && raft.now() - heardNanos < raft.config().electionTimeoutNanos();
    }

    @Override
    void beforeOutput() {}

    @Override
    void leave() {
        forwards.abandon();
    }

    @Override
    public void onPreVote(Message.PreVote message) {
        answerPreVote(message);
    }

    @Override
    public void onRequestVote(Message.RequestVote message) {
        answerVote(message);
    }

    @Override
    public void onAppendEntries(Message.AppendEntries message) {
        hear(message.from());
        RaftLog log = raft.log();
        long prev = message.prevLogIndex();
        if (prev > log.commitIndex() && !log.matches(prev, message.prevLogTerm())) {
            // The largest index where we could still agree, so that the leader skips a term, not an entry, per answer.
            long hint = log.lastIndexWithTermAtMost(Math.min(prev, log.lastIndex()), message.prevLogTerm());
            raft.send(new Message.AppendEntriesRejected(
                    raft.id(), message.from(), raft.term(), prev, hint, log.termAt(hint)));
            return;
        }
        if (prev >= log.base().index() && !log.matches(prev, message.prevLogTerm())) {
            raft.fence("leader " + leader + " of term " + raft.term() + " has term " + message.prevLogTerm()
                    + " at index " + prev + ", where the committed entry has term " + log.termAt(prev));
            return;
        }
        if (!appendMissing(message.entries())) {
            return;
        }
        // Only what this message has shown to match: our tail beyond it may be another leader's. What is committed here
        // is in every later leader's log, so it counts as well.
        long validated = Math.max(prev + message.entries().size(), log.commitIndex());
        log.commitThrough(Math.min(message.leaderCommit(), validated));
        raft.agrees(validated);
        raft.send(new Message.AppendEntriesAccepted(raft.id(), message.from(), raft.term(), validated));
    }

    /** Returns false if an entry contradicts a committed one; this member is fenced then. */
    private boolean appendMissing(List<Entry> entries) {
        RaftLog log = raft.log();
        for (Entry entry : entries) {
            if (entry.index() > log.lastIndex()) {
                raft.append(entry);
            } else if (entry.index() > log.commitIndex() && !log.matches(entry.index(), entry.term())) {
                // Only a conflict truncates: an old message that arrives late must not remove what came after it.
                raft.truncateFrom(entry.index());
                raft.append(entry);
            } else if (entry.index() >= log.firstIndex() && !log.matches(entry.index(), entry.term())) {
                raft.fence("leader " + leader + " sent entry " + entry + " of term " + raft.term()
                        + ", but the committed entry there has term " + log.termAt(entry.index()));
                return false;
            }
        }
        return true;
    }

    @Override
    public void onHeartbeat(Message.Heartbeat message) {
        hear(message.from());
        if (message.promiseNanos() > 0) {
            leadsOnSinceRound = Math.max(leadsOnSinceRound, message.round());
        }
        if (raft.isDamaged()) {
            raft.send(Damage.tell(raft, message.from()));
        }
        // The leader sends no more than what it knows to match here.
        raft.log().commitThrough(Math.min(message.leaderCommit(), raft.log().lastIndex()));
        // What is committed stands in the leader's log too; where nobody writes no entries come to show more.
        raft.agrees(raft.log().commitIndex());
        raft.send(new Message.HeartbeatResult(
                raft.id(),
                message.from(),
                raft.term(),
                message.round(),
                raft.newestSnapshotIndex(),
                raft.promiseTo(message)));
    }

    @Override
    public void onInstallSnapshot(Message.InstallSnapshot message) {
        hear(message.from());
        raft.offeredSnapshot(message.source(), message.snapshot());
    }

    @Override
    public void onReadIndexResult(Message.ReadIndexResult message) {
        forwards.onReadIndexResult(message);
    }

    @Override
    public void onProposeResult(Message.ProposeResult message) {
        forwards.onProposeResult(message);
    }

    @Override
    public void onTimeoutNow(Message.TimeoutNow message) {
        // One that comes late, when the leader has given the transfer up and been heard again, would depose it for
        // nothing.
        if (message.from().equals(leader)
                && message.releasedRound() >= leadsOnSinceRound
                && raft.mayCampaign()
                && !raft.promise().forbids(message, raft.now())) {
            raft.becomeCandidate(message);
        }
    }

    @Override
    public void onDamaged(Message.Damaged message) {}

    @Override
    public void onDamageNoted(Message.DamageNoted message) {
        if (message.from().equals(leader) && message.incarnation() == raft.incarnation()) {
            raft.damageNoted(message.lastIndex());
        }
    }

    @Override
    public void onReadIndex(Message.ReadIndex message) {
        refuseRead(message, Message.ReadIndexResult.Outcome.NOT_LEADER);
    }

    @Override
    public void onPropose(Message.Propose message) {
        ignoreForward(message);
    }

    // Answers to a candidate or a leader of this term; this member is neither (any more).

    @Override
    public void onPreVoteResult(Message.PreVoteResult message) {}

    @Override
    public void onRequestVoteResult(Message.RequestVoteResult message) {}

    @Override
    public void onAppendEntriesAccepted(Message.AppendEntriesAccepted message) {}

    @Override
    public void onAppendEntriesRejected(Message.AppendEntriesRejected message) {}

    @Override
    public void onHeartbeatResult(Message.HeartbeatResult message) {}

    @Override
    public void onInstallSnapshotResult(Message.InstallSnapshotResult message) {}

    private void hear(NodeId from) {
        leader = from;
        suspected = false;
        heardNanos = raft.now();
        raft.timer().restart(raft.now());
    }
}
