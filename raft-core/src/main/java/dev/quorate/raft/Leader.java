package dev.quorate.raft;

import dev.quorate.raft.log.RaftLog;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.Message.ReadIndexResult.Outcome;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.quorum.VoteResult;
import dev.quorate.raft.tracker.Progress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Orders proposals, replicates them, commits what a quorum holds durably, and confirms reads. */
final class Leader extends Role {

    private record ForwardMark(long incarnation, long batch) {
        boolean isBefore(long otherIncarnation, long otherBatch) {
            return incarnation < otherIncarnation || (incarnation == otherIncarnation && batch < otherBatch);
        }
    }

    private final Replication replication;
    private final UncommittedLimit uncommitted;
    private final Pipeline pipeline;
    private final ReadIndexQueue reads;
    private final Lease lease;
    /** By sender and disk: a name that comes back with another one counts its messages anew. */
    private final Map<NodeId, Map<Long, ForwardMark>> forwardsSeen = new TreeMap<>();

    private final Reconfiguration reconfiguration;
    private final Priorities priorities;
    private @Nullable Transfer transfer;
    private final long firstIndexOfTerm;
    private long round;
    private long tickRound;
    private long heartbeatNanos;

    Leader(Raft raft) {
        super(raft);
        this.replication = new Replication(raft);
        this.uncommitted = new UncommittedLimit(
                raft.config().maxUncommittedBytes(), raft.log().unfinished());
        this.pipeline = new Pipeline(
                raft.config().maxInflightBatches(),
                raft.config().maxAppendBytes(),
                raft.config().maxAppendEntries(),
                raft.log().lastIndex());
        this.reads = new ReadIndexQueue(raft.config().maxPendingReads());
        this.lease = new Lease(raft.config(), raft.now());
        this.reconfiguration = new Reconfiguration(raft, replication);
        this.priorities = new Priorities(raft, replication);
        this.firstIndexOfTerm = raft.log().lastIndex() + 1;
    }

    /**
     * Appends the empty entry that lets this term commit, and with it all before it (Raft paper §5.4.2, §8). The very first
     * entry of a log says who the members are: a node that joins later has been told nothing else.
     */
    void start() {
        raft.append(
                firstIndexOfTerm == 1
                        ? Entry.membership(1, raft.term(), raft.membership())
                        : Entry.noOp(firstIndexOfTerm, raft.term()));
        heartbeat();
    }

    void membershipChanged() {
        replication.membershipChanged();
        reconfiguration.membershipChanged();
        lease.membershipChanged(raft.membership(), raft.quorum(), raft.id());
    }

    /** False if another disk has answered under this member's name. */
    boolean isFirstLife(NodeId member, long identity) {
        return reconfiguration.isFirstLife(member, identity);
    }

    boolean isHandingOver() {
        return transfer != null;
    }

    /** The log must not be compacted past this index, because somebody will ask for what follows it. */
    long compactionLimit() {
        return replication.compactionLimit();
    }

    Map<NodeId, Progress> progress() {
        return replication.progress();
    }

    @Override
    RaftRole kind() {
        return RaftRole.LEADER;
    }

    @Override
    void onTick() {
        if (!hasActiveQuorum()) {
            // Check-quorum: a leader that can send but not hear keeps everybody else from electing one that can work.
            raft.becomeFollower(raft.term(), null);
            return;
        }
        NodeId heir = raft.diskHangs() ? Transfer.bestTarget(raft, replication) : null;
        if (heir != null) {
            handOverTo(heir);
            return;
        }
        if (transfer != null && transfer.isOver()) {
            endTransfer();
        }
        if (raft.now() - heartbeatNanos >= raft.config().heartbeatIntervalNanos()) {
            replication.onHeartbeatInterval();
            heartbeat();
            NodeId successor = transfer == null ? priorities.successor() : null;
            if (successor != null) {
                begin(new Transfer(raft, replication, successor));
            }
        }
    }

    @Override
    void changeMembership(long id, MembershipChange change) {
        Output.Reason refusal = transfer != null ? Output.Reason.TRANSFERRING : reconfiguration.change(change);
        if (refusal == null) {
            raft.out().acceptedChange(new Output.Accepted(id, raft.log().last()));
        } else {
            raft.out().rejected(Output.Rejected.Kind.CHANGE, id, refusal, raft.id());
        }
    }

    @Override
    void transferLeadership(long id, @Nullable NodeId to) {
        NodeId target = to == null ? Transfer.bestTarget(raft, replication) : to;
        Output.Reason refusal = whyNotTo(target);
        if (target == null || refusal != null) {
            Output.Reason why = refusal == null ? Output.Reason.TARGET_UNREACHABLE : refusal;
            raft.out().rejected(Output.Rejected.Kind.TRANSFER, id, why, raft.id());
        } else if (target.equals(raft.id())) {
            raft.out().transferred(id);
        } else {
            begin(new Transfer(raft, replication, target));
            raft.awaitTransfer(id, target);
        }
    }

    private Output.@Nullable Reason whyNotTo(@Nullable NodeId target) {
        if (transfer != null) {
            return Output.Reason.TRANSFERRING;
        } else if (target == null) {
            return Output.Reason.TARGET_UNREACHABLE;
        } else if (!raft.membership().contains(target)) {
            return Output.Reason.NOT_A_MEMBER;
        } else if (!raft.membership().voters().contains(target)) {
            return Output.Reason.NOT_A_VOTER;
        }
        Progress progress = replication.of(target);
        boolean isReachable = progress == null || Transfer.isLive(raft, progress);
        return isReachable ? null : Output.Reason.TARGET_UNREACHABLE;
    }

    /** From here on whoever votes for the target breaks no promise. */
    private void begin(Transfer handover) {
        transfer = handover;
        lease.suspend();
    }

    /** The target did not take over: this leader leads on. Writes that were refused meanwhile were refused for good. */
    private void endTransfer() {
        boolean wasTold = transfer != null && transfer.wasTold();
        transfer = null;
        lease.beginAfter(round);
        priorities.handoverFailed();
        raft.transferEnded(wasTold ? Output.Reason.OUTCOME_UNKNOWN : Output.Reason.TRANSFER_FAILED);
    }

    /**
     * The heartbeats of a leader whose disk hangs would keep everybody from electing one whose disk works. The successor need
     * not wait for their absence; if it does not hear of this, others will notice the silence. A group of one has no
     * successor, and gains nothing from a leader that steps down.
     */
    private void handOverTo(NodeId successor) {
        raft.send(new Message.TimeoutNow(raft.id(), successor, raft.term(), round));
        raft.becomeFollower(raft.term(), null);
    }

    private boolean hasActiveQuorum() {
        long timeoutNanos = raft.config().electionTimeoutNanos();
        return raft.quorum().voteResult(id -> {
                    Progress progress = replication.of(id);
                    return raft.id().equals(id)
                            || (progress != null && raft.now() - progress.lastContactNanos() < timeoutNanos);
                })
                == VoteResult.WON;
    }

    /** True if no other can have been elected by now, and what is committed here is therefore all that is committed. */
    private boolean holdsLease() {
        return isReadable() && lease.holds(raft.now());
    }

    @Override
    void onClockDoubted() {
        if (transfer == null) {
            lease.beginAfter(round);
        }
    }

    /** Opens a round: reads that have gathered ride along, if a commit of this term vouches for the commit index. */
    private void heartbeat() {
        heartbeatNanos = raft.now();
        startRound();
        tickRound = round;
    }

    private void startRound() {
        round++;
        if (isReadable()) {
            reads.startRound(round, raft.log().commitIndex(), raft.now());
        }
        lease.roundLeaves(round, raft.now());
        replication.heartbeatAll(round, lease.asks());
        maybeConfirmReads();
    }

    /**
     * True once an entry of this term is committed. Before that the commit index may be behind what an earlier leader
     * acknowledged, and a read at it would be stale (thesis §6.4 step 1).
     */
    private boolean isReadable() {
        return raft.log().commitIndex() >= firstIndexOfTerm;
    }

    @Override
    void onPersisted() {
        maybeCommit();
    }

    @Override
    void propose(long firstId, List<byte[]> commands) {
        if (transfer != null) {
            rejectAll(firstId, commands.size(), Output.Reason.TRANSFERRING);
            return;
        }
        long firstIndex = raft.log().lastIndex() + 1;
        int accepted = appendCommands(commands);
        for (int i = 0; i < accepted; i++) {
            raft.out().accepted(new Output.Accepted(firstId + i, new EntryId(firstIndex + i, raft.term())));
        }
        rejectAll(firstId + accepted, commands.size() - accepted, Output.Reason.OVERLOADED);
    }

    /** Returns how many found a place. */
    private int appendCommands(List<byte[]> commands) {
        int accepted = 0;
        for (byte[] command : commands) {
            Entry entry = Entry.command(raft.log().lastIndex() + 1, raft.term(), command);
            if (!uncommitted.tryAdd(entry)) {
                break;
            }
            raft.append(entry);
            pipeline.appended(entry.sizeBytes());
            accepted++;
        }
        return accepted;
    }

    @Override
    void readIndex(long id, boolean byLease) {
        if (byLease && holdsLease()) {
            raft.out().readState(id, raft.log().commitIndex());
        } else if (!reads.add(null, id)) {
            raft.out().rejectedRead(id, Output.Reason.OVERLOADED, raft.id());
        }
    }

    @Override
    void onFetched(Output.Fetch fetch, List<Entry> entries) {
        replication.fetched(fetch, entries);
    }

    @Override
    void onFetchFailed(Output.Fetch fetch) {
        replication.fetchFailed(fetch);
    }

    @Override
    void onUnreachable(NodeId peer) {
        replication.unreachable(peer);
    }

    @Override
    boolean hearsFromLeader() {
        return true;
    }

    @Override
    void beforeOutput() {
        if (reads.isGathering() && !reads.isAsking() && isReadable()) {
            startRound();
        }
        if (transfer == null) {
            reconfiguration.drive();
        }
        // A membership is in force from the moment it is appended, so it does not gather.
        pipeline.release(raft.log().lastIndex(), raft.membershipIndex() > pipeline.releasedIndex());
        replication.sendAll(round, pipeline.releasedIndex());
        if (transfer != null) {
            transfer.drive(round);
        }
        if (reconfiguration.isLeaderRemoved()) {
            stepDownAfterRemoval();
        }
    }

    /**
     * This leader has led on until the membership without it was committed, not counting itself (thesis §4.2.2). Whoever
     * can take over soonest is told to, so that the group does not wait for an election timeout.
     */
    private void stepDownAfterRemoval() {
        NodeId best = Transfer.bestTarget(raft, replication);
        if (best == null) {
            raft.becomeFollower(raft.term(), null);
        } else {
            handOverTo(best);
        }
    }

    @Override
    long writableIndex() {
        return pipeline.releasedIndex();
    }

    @Override
    void leave() {
        reads.drain(read -> answer(read, false));
    }

    @Override
    public void onAppendEntriesAccepted(Message.AppendEntriesAccepted message) {
        if (replication.accepted(message)) {
            maybeCommit();
        }
    }

    @Override
    public void onAppendEntriesRejected(Message.AppendEntriesRejected message) {
        replication.rejected(message);
    }

    @Override
    public void onHeartbeatResult(Message.HeartbeatResult message) {
        Progress progress = replication.of(message.from());
        if (progress == null || message.round() > round) {
            return;
        }
        progress.contact(raft.now());
        progress.holdsSnapshot(message.snapshotIndex());
        // Once for each interval: a commit is told in the same round, and its answer says nothing of what left since.
        boolean first = progress.roundAcked(message.round());
        if (first && message.round() == tickRound) {
            replication.checkForLoss(message.from(), progress);
        }
        lease.promised(message.from(), message.round(), message.promisedNanos(), raft.quorum(), raft.id());
        maybeConfirmReads();
    }

    @Override
    public void onInstallSnapshotResult(Message.InstallSnapshotResult message) {
        replication.snapshotAnswered(message);
        maybeCommit();
    }

    @Override
    public void onReadIndex(Message.ReadIndex message) {
        if (message.byLease() && holdsLease()) {
            long index = raft.log().commitIndex();
            raft.send(new Message.ReadIndexResult(
                    raft.id(), message.from(), raft.term(), message.request(), Outcome.CONFIRMED, index));
        } else if (!reads.add(message.from(), message.request())) {
            refuseRead(message, Outcome.OVERLOADED);
        }
    }

    @Override
    public void onPropose(Message.Propose message) {
        Map<Long, ForwardMark> ofSender = forwardsSeen.computeIfAbsent(message.from(), from -> new TreeMap<>());
        long disk = Raft.identityBits(message.incarnation());
        ForwardMark seen = ofSender.get(disk);
        if (seen != null && !seen.isBefore(message.incarnation(), message.batch())) {
            return; // the network repeats itself; the first copy was answered
        }
        ofSender.put(disk, new ForwardMark(message.incarnation(), message.batch()));
        long firstIndex = raft.log().lastIndex() + 1;
        int accepted = transfer == null ? appendCommands(message.payloads()) : 0;
        raft.send(new Message.ProposeResult(
                raft.id(),
                message.from(),
                raft.term(),
                message.incarnation(),
                message.batch(),
                accepted,
                accepted == 0 ? 0 : firstIndex));
    }

    // A leader needs nobody's vote and gives none in its own term; nobody else leads in its term.

    @Override
    public void onPreVote(Message.PreVote message) {
        answerPreVote(message);
    }

    @Override
    public void onRequestVote(Message.RequestVote message) {
        answerVote(message);
    }

    @Override
    public void onPreVoteResult(Message.PreVoteResult message) {}

    @Override
    public void onRequestVoteResult(Message.RequestVoteResult message) {}

    @Override
    public void onAppendEntries(Message.AppendEntries message) {
        fenceForTwoLeaders(message);
    }

    @Override
    public void onHeartbeat(Message.Heartbeat message) {
        fenceForTwoLeaders(message);
    }

    @Override
    public void onInstallSnapshot(Message.InstallSnapshot message) {
        fenceForTwoLeaders(message);
    }

    @Override
    public void onReadIndexResult(Message.ReadIndexResult message) {}

    @Override
    public void onProposeResult(Message.ProposeResult message) {}

    @Override
    public void onTimeoutNow(Message.TimeoutNow message) {}

    @Override
    public void onDamaged(Message.Damaged message) {
        replication.damaged(message.from(), message.lastIndex());
        raft.send(new Message.DamageNoted(
                raft.id(),
                message.from(),
                raft.term(),
                message.incarnation(),
                raft.log().lastIndex()));
    }

    @Override
    public void onDamageNoted(Message.DamageNoted message) {}

    private void fenceForTwoLeaders(Message message) {
        raft.fence("member " + message.from() + " acts as leader of term " + message.term()
                + ", which this member leads: two leaders in one term, some vote was forgotten");
    }

    /**
     * Commits what a quorum holds durably, if it is of this term; what is before it comes along. Counting an entry of an
     * earlier term would commit what a later leader may still overwrite (Raft paper §5.4.2, figure 8).
     */
    private void maybeCommit() {
        RaftLog log = raft.log();
        long candidate = raft.quorum().committedIndex(this::durableAt);
        if (candidate > log.commitIndex() && candidate <= log.lastIndex() && log.termAt(candidate) == raft.term()) {
            log.commitThrough(candidate);
            pipeline.committedThrough(candidate);
        }
        // Until it is durable here as well, an entry stays in memory: the others may commit long without this disk.
        uncommitted.doneThrough(Math.min(log.commitIndex(), log.durableIndex()));
    }

    private long durableAt(NodeId member) {
        if (member.equals(raft.id())) {
            return raft.log().durableIndex();
        }
        Progress progress = replication.of(member);
        return progress == null ? 0 : progress.match();
    }

    private void maybeConfirmReads() {
        if (!reads.isAsking()) {
            return;
        }
        long confirmed = raft.quorum().committedIndex(this::roundAnsweredBy);
        reads.confirmed(confirmed, read -> answer(read, true));
    }

    private long roundAnsweredBy(NodeId member) {
        if (member.equals(raft.id())) {
            return round;
        }
        Progress progress = replication.of(member);
        return progress == null ? 0 : progress.ackedRound();
    }

    private void answer(ReadIndexQueue.Read read, boolean confirmed) {
        if (confirmed) {
            raft.indexConfirmed(read.sentNanos(), read.readIndex());
        }
        NodeId from = read.from();
        if (from != null) {
            Outcome outcome = confirmed ? Outcome.CONFIRMED : Outcome.NOT_LEADER;
            long index = confirmed ? read.readIndex() : 0;
            raft.send(new Message.ReadIndexResult(raft.id(), from, raft.term(), read.id(), outcome, index));
        } else if (confirmed) {
            raft.out().readState(read.id(), read.readIndex());
        } else {
            raft.out().rejectedRead(read.id(), Output.Reason.NOT_LEADER, null);
        }
    }
}
