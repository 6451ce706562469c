package dev.quorate.raft;

import dev.quorate.raft.log.RaftLog;
import dev.quorate.raft.membership.MembershipHistory;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.quorum.JointConfig;
import dev.quorate.raft.tracker.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One member of one group. One thread owns it; see the package for what it is and is not.
 *
 * <p>No verb throws for anything the network, the disk or a client can say.
 */
public final class Raft {

    /** A follower's read requests carry its incarnation above this bit, so that no answer to an earlier life fits. */
    private static final int INCARNATION_SHIFT = 40;

    /** The part of an identity that goes into the number of a life; a million lives fit below it. */
    private static final long IDENTITY_BITS = 0x7FFFFFFF_FFF00000L;

    /**
     * How many terms another member can be ahead: more elections than fit into any group's life. A larger term is damage, and
     * to follow it would use up the numbers: after the last one nobody can campaign any more.
     */
    private static final long MAX_TERM_LEAP = 1L << 40;

    private final RaftConfig config;
    private final long incarnation;
    private final RaftLog log;
    private final MembershipHistory memberships;
    private final ElectionTimer timer;
    private final Outbox out = new Outbox();
    private final Writes writes = new Writes();
    private final Promise promise;
    private final Freshness freshness = new Freshness();

    private HardState hardState;
    private HardState handedHardState;
    private JointConfig quorum;
    private Role role;
    private Output.RoleChange announced;
    private long nowNanos;
    private long tickedNanos;
    private long forwards;
    private long readRequests;
    private @Nullable Damage damage;
    private boolean repaired;
    private @Nullable SnapshotMeta newestSnapshot;
    private @Nullable SnapshotMeta installing;
    private @Nullable SnapshotMeta resetTo;
    private @Nullable SnapshotMeta compactThrough;
    private @Nullable String fenced;
    private @Nullable AwaitedTransfer awaitedTransfer;

    /** @param term of the leadership that is handed over */
    private record AwaitedTransfer(long id, NodeId target, long term, long startNanos) {}

    /**
     * @param nowNanos a monotonic clock's reading; only differences count
     * @param appliedIndex what the state machine holds already: from {@code recovered.base().index()} to
     *     {@code recovered.lastIndex()}
     * @throws IllegalArgumentException if it is outside of that range
     */
    @SuppressWarnings("NullAway.Init") // the first role needs the rest of this object
    public Raft(RaftConfig config, Recovered recovered, long appliedIndex, long nowNanos) {
        this.config = config;
        // A node that lost its disk counts its lives from the beginning, and takes no answer to an earlier one for its
        // own.
        this.incarnation = recovered.incarnation() + identityBits(config.identity());
        this.log = new RaftLog(recovered, appliedIndex, config.maxWindowBytes());
        this.memberships = new MembershipHistory(recovered.base(), recovered.membershipEntries());
        this.quorum = new JointConfig(memberships.current());
        this.timer = new ElectionTimer(config.seed(), config.electionTimeoutNanos());
        this.hardState = recovered.hardState();
        this.handedHardState = hardState;
        this.nowNanos = nowNanos;
        this.tickedNanos = nowNanos;
        this.damage = recovered.damaged() ? new Damage() : null;
        this.promise = Promise.atStart(config, hardState, nowNanos);
        awaitLeader();
        this.role = new Follower(this, null);
        this.announced = new Output.RoleChange(role.kind(), hardState.term(), null);
    }

    /** Which disk a numbered life belongs to: the same for all lives on it. */
    static long identityBits(long identityOrIncarnation) {
        return identityOrIncarnation & IDENTITY_BITS;
    }

    // ---- verbs ----------------------------------------------------------------------------------------------------

    /**
     * Time passed. A reading before the last one counts as no time. Call at least every half heartbeat interval.
     *
     * @param now the monotonic clock's reading, in nanoseconds
     */
    public void tick(long now) {
        clock(now);
        long passed = now - tickedNanos;
        if (passed > 0) {
            tickedNanos = now;
            writes.passed(Math.min(passed, config.heartbeatIntervalNanos()));
        }
        if (fenced == null) {
            role.onTick();
        }
    }

    /**
     * What time it is, without acting on it. To be called before messages and reads are handed over, with a reading that was
     * made <em>after</em> they arrived: a promise counts from the receipt of the message that asked for it, and a lease that
     * was good before a pause says nothing of a read that came during it.
     *
     * @param now the monotonic clock's reading, in nanoseconds; one before the last is ignored
     */
    public void clock(long now) {
        if (now - nowNanos > 0) {
            nowNanos = now;
        }
    }

    /**
     * The clock has, or may have, stood still while time passed, as when a virtual machine is suspended: what was measured
     * with it is forgotten. Leases begin anew, and reads are confirmed by rounds until then.
     */
    public void clockDoubted() {
        freshness.forget(nowNanos);
        role.onClockDoubted();
    }

    /** A message arrived from a member whose disk is not known: {@link #receive(Message, long)} without a check of it. */
    public void receive(Message message) {
        receive(message, 0);
    }

    /**
     * A message arrived. One that is not for this member, or is malformed, is ignored; so is a vote or an acknowledgement of a
     * node that has lost the disk of the member whose name it bears.
     *
     * @param senderIdentity which disk the sender has ({@link RaftConfig#identity}), 0 if that is not known
     */
    public void receive(Message message, long senderIdentity) {
        if (fenced != null
                || !message.to().equals(config.id())
                || message.from().equals(config.id())) {
            return;
        }
        if (!isWellFormed(message)
                || (senderIdentity != 0 && countsInQuorums(message) && hasForgotten(message.from(), senderIdentity))) {
            return;
        }
        if (message.term() > term() && !(message instanceof Message.PreVote)) {
            if (message instanceof Message.RequestVote vote
                    && ((!vote.leadershipTransfer() && role.hearsFromLeader()) || promise.forbids(vote, nowNanos))) {
                return;
            }
            becomeFollower(message.term(), null);
        } else if (message.term() < term() && answeredAsOld(message)) {
            return;
        }
        message.dispatch(role);
    }

    /**
     * Proposes commands. Each is answered, by its id, in {@link Output#accepted} or {@link Output#rejected}: proposal
     * {@code firstId + i} is {@code commands.get(i)}.
     */
    public void propose(long firstId, List<byte[]> commands) {
        if (fenced == null) {
            role.propose(firstId, commands);
        }
    }

    /** Asks for a linearizable read; answered in {@link Output#reads} or {@link Output#rejected}. */
    public void readIndex(long id) {
        read(id, ReadConsistency.LINEARIZABLE);
    }

    /**
     * Asks for a read; answered in {@link Output#reads} or {@link Output#rejected}. {@link #clock} must have been told a reading
     * from after the read was asked.
     */
    public void read(long id, ReadConsistency consistency) {
        if (fenced != null) {
            return;
        }
        switch (consistency.level()) {
            case LINEARIZABLE -> role.readIndex(id, false);
            case LEASE -> role.readIndex(id, true);
            case LOCAL -> out.readState(id, log.appliedIndex());
            case BOUNDED_STALENESS -> {
                if (isFreshEnough(consistency)) {
                    out.readState(id, log.appliedIndex());
                } else {
                    role.readIndex(id, false);
                }
            }
        }
    }

    /** True if this member can serve such a read from what it has, without a leader. */
    public boolean isFreshEnough(ReadConsistency consistency) {
        return switch (consistency.level()) {
            case LINEARIZABLE, LEASE -> false;
            case LOCAL -> true;
            case BOUNDED_STALENESS -> freshness.isWithin(consistency.maxStalenessNanos(), nowNanos, log.appliedIndex());
        };
    }

    /**
     * Asks for another membership; at the leader only. Answered by its id: in {@link Output#changes} when its first entry is
     * appended, or in {@link Output#rejected}. What follows from it, up to the leaving of the joint membership, the leaders
     * do by themselves. It is done when a membership that is not joint is committed at or after the answered position.
     */
    public void changeMembership(long id, MembershipChange change) {
        if (fenced == null) {
            role.changeMembership(id, change);
        }
    }

    /**
     * Hands leadership over; at the leader only (thesis §3.10). Answered by its id within two election timeouts: in {@link
     * Output#transferred} when the target leads, or in {@link Output#rejected}. Proposals are refused meanwhile.
     *
     * @param to a voter; null for whoever is ready soonest
     */
    public void transferLeadership(long id, @Nullable NodeId to) {
        if (fenced == null) {
            role.transferLeadership(id, to);
        }
    }

    /** The write with this mark, and every one before it, is durable. */
    public void persisted(WriteMark mark) {
        if (fenced != null) {
            return;
        }
        if (writes.completed(mark)) {
            log.durableThrough(mark.lastIndex());
        }
        role.onPersisted();
        maybeRepaired();
    }

    /** The state machine has applied everything up to this index. */
    public void applied(long index) {
        log.appliedThrough(index);
    }

    /** Answers an {@link Output.Fetch}: entries from {@code fetch.fromIndex()} on, at least one. */
    public void fetched(Output.Fetch fetch, List<Entry> entries) {
        if (fenced == null) {
            role.onFetched(fetch, entries);
        }
    }

    /** Answers an {@link Output.Fetch} whose entries are compacted away by now or unreadable. */
    public void fetchFailed(Output.Fetch fetch) {
        if (fenced == null) {
            role.onFetchFailed(fetch);
        }
    }

    /**
     * The state machine's state up to this point is durable outside of the log, and can be sent to a follower. Also to be
     * called after a start, for the newest snapshot that is kept.
     */
    public void snapshotTaken(SnapshotMeta snapshot) {
        if (fenced != null || (newestSnapshot != null && newestSnapshot.index() >= snapshot.index())) {
            return;
        }
        newestSnapshot = snapshot;
        long through =
                Math.min(snapshot.index() - config.trailingEntries(), Math.min(log.appliedIndex(), log.durableIndex()));
        if (role instanceof Leader leading) {
            through = Math.min(through, leading.compactionLimit());
        }
        if (through > log.base().index()) {
            SnapshotMeta newBase = metaAt(through);
            log.compactThrough(newBase.lastIncluded());
            memberships.compactedThrough(through);
            compactThrough = newBase;
        }
    }

    /** Answers {@link Output#install}: the state machine's state is now this snapshot, durably. */
    public void snapshotInstalled(SnapshotMeta snapshot) {
        installing = null;
        if (fenced != null) {
            return;
        }
        if (newestSnapshot == null || newestSnapshot.index() < snapshot.index()) {
            newestSnapshot = snapshot;
        }
        if (log.matches(snapshot.index(), snapshot.term())
                || snapshot.index() < log.base().index()) {
            log.stateIsAt(snapshot.index()); // the log goes on from there: what follows is kept
        } else if (snapshot.index() <= log.commitIndex()) {
            fence("snapshot " + snapshot.lastIncluded() + " was installed, but the committed entry there has term "
                    + log.termAt(snapshot.index()));
            return;
        } else {
            log.reset(snapshot);
            memberships.reset(snapshot);
            membershipChanged();
            writes.logWasCut();
            resetTo = snapshot;
            compactThrough = null;
        }
        answerSnapshot(snapshot, true);
    }

    /** Answers {@link Output#install}: the state is as before. */
    public void snapshotFailed(SnapshotMeta snapshot) {
        installing = null;
        if (fenced == null) {
            answerSnapshot(snapshot, false);
        }
    }

    /** The transport lost its connection to a member, or dropped messages to it. */
    public void unreachable(NodeId peer) {
        if (fenced == null) {
            role.onUnreachable(peer);
        }
    }

    /** What is to be done after the verbs since the last call. */
    public Output takeOutput() {
        if (fenced != null) {
            return out.drain(null, null, null, fenced);
        }
        role.beforeOutput();
        if (awaitedTransfer != null) {
            answerTransfer(awaitedTransfer);
        }
        Persist persist = takePersist();
        Output.Apply apply = takeApply();
        Output.RoleChange now = new Output.RoleChange(role.kind(), term(), leader());
        Output.RoleChange change = now.equals(announced) ? null : now;
        announced = now;
        return out.drain(persist, apply, change, null);
    }

    /** True if this member leads and takes no proposals, because it hands its office over; over within an election timeout. */
    public boolean isHandingOver() {
        return role instanceof Leader leading && leading.isHandingOver();
    }

    /** One moment of this member. */
    public RaftStatus status() {
        Map<NodeId, Long> match = new TreeMap<>();
        progress().forEach((member, progress) -> match.put(member, progress.match()));
        return new RaftStatus(
                config.id(),
                role.kind(),
                term(),
                leader(),
                log.firstIndex(),
                log.lastIndex(),
                log.durableIndex(),
                log.commitIndex(),
                log.appliedIndex(),
                membership(),
                isDamaged(),
                match);
    }

    // ---- the output -----------------------------------------------------------------------------------------------

    private @Nullable Persist takePersist() {
        HardState changed = hardState.equals(handedHardState) ? null : hardState;
        boolean writes = changed != null
                || log.hasUnhanded(role.writableIndex())
                || resetTo != null
                || compactThrough != null
                || repaired;
        if (!writes && !this.writes.areOutstanding()) {
            out.takeGated().forEach(out::sendAtOnce); // everything they speak of is durable
            return null;
        }
        if (!writes && !out.hasGated()) {
            return null;
        }
        List<Entry> entries = log.takeUnhanded(role.writableIndex());
        WriteMark mark = resetTo == null
                ? this.writes.next(log.handedToDiskIndex(), changed != null)
                : this.writes.nextWithReset(log.handedToDiskIndex(), changed != null);
        Persist persist = new Persist(changed, entries, resetTo, compactThrough, repaired, mark, out.takeGated());
        handedHardState = hardState;
        resetTo = null;
        compactThrough = null;
        repaired = false;
        return persist;
    }

    private Output.@Nullable Apply takeApply() {
        // While a snapshot is being installed the state machine is about to be replaced.
        if (installing != null || !log.hasApplicable()) {
            return null;
        }
        List<Entry> entries = log.takeApplicable();
        return new Output.Apply(log.handedToApplyIndex(), entries);
    }

    // ---- transitions: the only doors between roles ----------------------------------------------------------------

    /** @param newTerm the current term or a later one; a later one has no vote yet */
    Follower becomeFollower(long newTerm, @Nullable NodeId leader) {
        boolean keepsWaiting = role instanceof Follower && leader == null;
        role.leave();
        if (newTerm > term()) {
            // The vote is cleared with the term, and only with it: clearing it within a term allows a second vote.
            hardState = new HardState(newTerm, null);
        }
        Follower follower = new Follower(this, leader);
        role = follower;
        if (!keepsWaiting) {
            timer.restart(nowNanos);
        }
        return follower;
    }

    /**
     * A member without a term and without an entry has never heard a leader, nor promised one anything: a new group need not
     * wait for whom it cannot have. Its pre-vote asks the others whether they have one.
     */
    private void awaitLeader() {
        timer.restart(nowNanos);
        if (term() == 0 && log.lastIndex() == 0) {
            timer.hurry(nowNanos);
        }
    }

    /** Somebody saw the leader go. What was promised to it is kept: it may live, and serve by its lease. */
    void hurryElection() {
        timer.hurry(nowNanos + promise.remainingNanos(nowNanos));
    }

    /** The election timer has run out. */
    void campaign() {
        awaitLeader();
        if (mayCampaign() && !promise.binds(nowNanos)) {
            role.leave();
            PreCandidate candidate = new PreCandidate(this);
            role = candidate;
            candidate.start();
        } else if (leader() != null) {
            becomeFollower(term(), null); // it is silent: what it was asked ends, and nothing more is passed on to it
        }
    }

    /**
     * A learner has no voice, neither has a node that lost its member's disk; the log of a member that installs a snapshot is
     * about to be replaced, and one whose disk hangs could not even keep its own vote. Who is no voter any more may still be needed until that is committed (thesis
     * §4.2.2): with voters 1 and 2, of which 1 leads and leaves, 1 may be the only one that has the entry that says so, and
     * a longer log than 2. It does not count its own vote.
     */
    boolean mayCampaign() {
        boolean isVoter = membership().isVoter(config.id());
        boolean wasVoter = log.commitIndex() < memberships.currentIndex()
                && memberships.previous().isVoter(config.id());
        return (isVoter || wasVoter) && installing == null && !diskHangs() && hasVoice();
    }

    Promise promise() {
        return promise;
    }

    /**
     * A heartbeat asks for a promise.
     *
     * @return for how long it is given, 0 if it is not
     */
    long promiseTo(Message.Heartbeat asking) {
        long length = config.usesLeases() ? Math.min(asking.promiseNanos(), config.electionTimeoutNanos()) : 0;
        if (length <= 0) {
            return 0;
        }
        promise.make(term(), asking.round(), nowNanos + length);
        return length;
    }

    /** A quorum confirmed an index, without the help of a clock. */
    void indexConfirmed(long askedNanos, long readIndex) {
        freshness.confirmed(askedNanos, readIndex, log.appliedIndex());
    }

    /**
     * True if this node may vote. One whose log is {@link Damage damaged} may not. One that joins has nothing to say before the
     * log has told it that it is a member, with this disk: it may have been a member under the same name once, whose votes it
     * does not remember, and whoever asks may not know that it left. Founders, and whoever was recorded and has left since, know
     * what they promised.
     */
    boolean hasVoice() {
        if (damage != null) {
            return false;
        }
        Membership now = membership();
        long own = config.identity();
        if (own == 0) {
            return !now.equals(Membership.EMPTY);
        }
        long recorded = now.member(config.id()).identity();
        Membership oldest = memberships.oldest();
        boolean isFounder = oldest.isVoter(config.id())
                && (oldest.member(config.id()).identity() == 0
                        || oldest.member(config.id()).identity() == own);
        return recorded == own || (recorded == 0 && (isFounder || now.retired().contains(own)));
    }

    /**
     * True if the log of this member has lost entries that it acknowledged, and not all of them are known to be back: it neither
     * votes nor campaigns. It follows, acknowledges what it gets and serves reads as every follower.
     */
    public boolean isDamaged() {
        return damage != null;
    }

    /** This log agrees with that of the leader of this term up to here. */
    void agrees(long index) {
        if (damage != null) {
            damage.agrees(term(), index);
            maybeRepaired();
        }
    }

    /** The leader of this term knows of the damage, and its log ends there. */
    void damageNoted(long lastIndex) {
        if (damage != null) {
            damage.noted(term(), lastIndex);
            maybeRepaired();
        }
    }

    private void maybeRepaired() {
        boolean isOnDisk = resetTo == null && writes.isResetDurable();
        if (damage != null && isOnDisk && damage.isOver(term(), log.durableIndex())) {
            damage = null;
            repaired = true;
        }
    }

    /** Only a completed write ends this. */
    boolean diskHangs() {
        return writes.owedNanos() >= config.diskHangNanos();
    }

    void becomeCandidate() {
        becomeCandidate(false, 0);
    }

    /** The leader has told this member to campaign. */
    void becomeCandidate(Message.TimeoutNow call) {
        becomeCandidate(true, call.releasedRound());
    }

    private void becomeCandidate(boolean leadershipTransfer, long releasedRound) {
        role.leave();
        hardState = new HardState(term() + 1, config.id());
        timer.restart(nowNanos);
        Candidate candidate = new Candidate(this);
        role = candidate;
        candidate.start(leadershipTransfer, releasedRound);
    }

    void becomeLeader() {
        role.leave();
        Leader leading = new Leader(this);
        role = leading;
        leading.start();
    }

    // ---- what roles use -------------------------------------------------------------------------------------------

    RaftConfig config() {
        return config;
    }

    NodeId id() {
        return config.id();
    }

    long incarnation() {
        return incarnation;
    }

    long term() {
        return hardState.term();
    }

    long now() {
        return nowNanos;
    }

    HardState hardState() {
        return hardState;
    }

    /** What a leader knows of the others; empty in every other role. */
    Map<NodeId, Progress> progress() {
        return role instanceof Leader leading ? leading.progress() : Map.of();
    }

    RaftLog log() {
        return log;
    }

    Outbox out() {
        return out;
    }

    ElectionTimer timer() {
        return timer;
    }

    Membership membership() {
        return memberships.current();
    }

    /** The entry that brought the membership in force. */
    long membershipIndex() {
        return memberships.currentIndex();
    }

    JointConfig quorum() {
        return quorum;
    }

    /**
     * Answers that a candidate or a leader counts. Questions are not looked at: this member's log may be behind, and say less
     * of a leader that left and came back than that leader knows.
     */
    private static boolean countsInQuorums(Message message) {
        return message instanceof Message.RequestVoteResult
                || message instanceof Message.PreVoteResult
                || message instanceof Message.AppendEntriesAccepted
                || message instanceof Message.AppendEntriesRejected
                || message instanceof Message.HeartbeatResult
                || message instanceof Message.InstallSnapshotResult;
    }

    /**
     * True if a node bears the name of a member and has not its disk: it has forgotten whom that member voted for and what
     * it acknowledged, and nothing that it says may count (thesis §3.8: a server that loses its persistent state cannot come
     * back under its old identity).
     */
    private boolean hasForgotten(NodeId node, long identity) {
        Membership membership = membership();
        if (!membership.contains(node)) {
            return false;
        }
        long recorded = membership.member(node).identity();
        if (recorded != 0 || identity == 0) {
            return recorded != identity && identity != 0;
        }
        return membership.retired().contains(identity)
                || (role instanceof Leader leading && !leading.isFirstLife(node, identity));
    }

    void awaitTransfer(long id, NodeId target) {
        if (awaitedTransfer != null) {
            answerTransfer(awaitedTransfer); // of an earlier office: that this member leads again is what became of it
        }
        awaitedTransfer = new AwaitedTransfer(id, target, term(), nowNanos);
    }

    /** The leader gave up. */
    void transferEnded(Output.Reason reason) {
        if (awaitedTransfer != null) {
            out.rejected(Output.Rejected.Kind.TRANSFER, awaitedTransfer.id(), reason, leader());
            awaitedTransfer = null;
        }
    }

    private void answerTransfer(AwaitedTransfer awaited) {
        NodeId leader = leader();
        if (term() == awaited.term() && config.id().equals(leader)) {
            return; // it leads and will say itself when it gives up
        }
        if (term() > awaited.term() && awaited.target().equals(leader)) {
            out.transferred(awaited.id());
            awaitedTransfer = null;
        } else if (term() > awaited.term() && leader != null) {
            transferEnded(Output.Reason.TRANSFER_FAILED);
        } else if (nowNanos - awaited.startNanos() >= 2 * config.electionTimeoutNanos()) {
            transferEnded(Output.Reason.OUTCOME_UNKNOWN);
        }
    }

    @Nullable
    SnapshotMeta newestSnapshot() {
        return newestSnapshot;
    }

    /** 0 if there is none. */
    long newestSnapshotIndex() {
        return newestSnapshot == null ? 0 : newestSnapshot.index();
    }

    /** What a snapshot at this index of the log stands for, from the log's base to its end. */
    SnapshotMeta metaAt(long index) {
        return new SnapshotMeta(new EntryId(index, log.termAt(index)), memberships.at(index));
    }

    /** Who leads as far as this member knows, null if nobody; asked without a {@link #status}, because it is cheap. */
    public @Nullable NodeId leader() {
        if (role instanceof Leader) {
            return config.id();
        }
        return role instanceof Follower follower ? follower.leader() : null;
    }

    List<NodeId> otherVoters() {
        List<NodeId> others = new ArrayList<>(membership().voters());
        for (NodeId member : membership().outgoing()) {
            if (!others.contains(member)) {
                others.add(member);
            }
        }
        others.remove(config.id());
        return others;
    }

    long nextForward() {
        return ++forwards;
    }

    long nextReadRequest() {
        return (incarnation << INCARNATION_SHIFT) + (config.identity() >>> INCARNATION_SHIFT) + ++readRequests;
    }

    /** True if the term and the vote that this member acts on are on its disk. */
    boolean isHardStateDurable() {
        return hardState.equals(handedHardState) && writes.isHardStateDurable();
    }

    boolean mayVoteFor(NodeId candidate) {
        return hardState.votedFor() == null || candidate.equals(hardState.votedFor());
    }

    void voteFor(NodeId candidate) {
        hardState = new HardState(term(), candidate);
        timer.restart(nowNanos);
    }

    boolean isUpToDate(long lastLogIndex, long lastLogTerm) {
        return new EntryId(lastLogIndex, lastLogTerm).isAtLeastAsUpToDateAs(log.last());
    }

    void append(Entry entry) {
        log.append(entry);
        if (entry.type() == Entry.Type.MEMBERSHIP) {
            memberships.appended(entry);
            membershipChanged();
        }
    }

    void truncateFrom(long index) {
        log.truncateFrom(index);
        memberships.truncatedFrom(index);
        writes.logWasCut();
        membershipChanged();
    }

    /**
     * Sends now, or when it may: votes and acknowledgements speak of what is durable, and nothing at all is said in a term
     * that this member could still forget.
     */
    void send(Message message) {
        boolean speaksOfDurable = message instanceof Message.RequestVote
                || message instanceof Message.RequestVoteResult
                || message instanceof Message.AppendEntriesAccepted
                || message instanceof Message.InstallSnapshotResult;
        if (speaksOfDurable || !isHardStateDurable()) {
            out.sendWhenDurable(message);
        } else {
            out.sendAtOnce(message);
        }
    }

    /** The leader offers a snapshot: because our log is behind the start of its own. */
    void offeredSnapshot(NodeId source, SnapshotMeta snapshot) {
        boolean held = snapshot.index() <= log.commitIndex() || log.matches(snapshot.index(), snapshot.term());
        if (held) {
            // Nothing to fetch: the log holds all of it, and a committed entry of the leader's is committed here.
            log.commitThrough(snapshot.index());
            answerSnapshot(snapshot, true);
        } else if (installing == null) {
            installing = snapshot;
            out.install(new Output.Install(source, snapshot));
        }
    }

    /** Stops this member for good: it was told something that contradicts what is committed. */
    void fence(String reason) {
        fenced = reason;
    }

    private void answerSnapshot(SnapshotMeta snapshot, boolean installed) {
        NodeId leader = leader();
        if (leader != null && !leader.equals(config.id())) {
            send(new Message.InstallSnapshotResult(config.id(), leader, term(), snapshot.index(), installed));
        }
    }

    private void membershipChanged() {
        quorum = new JointConfig(memberships.current());
        if (role instanceof Leader leading) {
            leading.membershipChanged();
        }
    }

    /** Answers a message of an older term, so that its sender learns of the newer one. Returns false if its role decides. */
    private boolean answeredAsOld(Message message) {
        NodeId from = message.from();
        if (message instanceof Message.PreVote || message instanceof Message.PreVoteResult) {
            return false;
        } else if (message instanceof Message.RequestVote) {
            send(new Message.RequestVoteResult(id(), from, term(), false));
        } else if (message instanceof Message.AppendEntries append) {
            long prev = append.prevLogIndex();
            long hint = Math.min(prev, log.lastIndex());
            send(new Message.AppendEntriesRejected(id(), from, term(), prev, hint, Math.max(0, log.termAt(hint))));
        } else if (message instanceof Message.Heartbeat) {
            // Round 0: each term counts its rounds anew, and the sender may lead this term by now. An old number would
            // confirm reads of a new round.
            send(new Message.HeartbeatResult(id(), from, term(), 0, newestSnapshotIndex(), 0));
        } else if (message instanceof Message.InstallSnapshot install) {
            send(new Message.InstallSnapshotResult(
                    id(), from, term(), install.snapshot().index(), false));
        } else if (message instanceof Message.ReadIndex read) {
            role.refuseRead(read, Message.ReadIndexResult.Outcome.NOT_LEADER);
        } else if (message instanceof Message.Propose propose) {
            role.refuseProposals(propose);
        }
        return true;
    }

    /** What a broken peer sends must not break this one. */
    private boolean isWellFormed(Message message) {
        if (message.term() - term() > MAX_TERM_LEAP) {
            return false;
        } else if (message instanceof Message.AppendEntries append) {
            return isWellFormed(append);
        } else if (message instanceof Message.InstallSnapshot install) {
            EntryId last = install.snapshot().lastIncluded();
            return last.index() > 0 && last.term() > 0 && last.term() <= install.term();
        }
        return true;
    }

    /** Entries must follow each other and the message's own claims. */
    private static boolean isWellFormed(Message.AppendEntries append) {
        long index = append.prevLogIndex();
        long term = append.prevLogTerm();
        if (index < 0 || term < 0 || (index == 0) != (term == 0) || append.leaderCommit() < 0) {
            return false;
        }
        for (Entry entry : append.entries()) {
            if (entry.index() != index + 1 || entry.term() < term || entry.term() > append.term()) {
                return false;
            }
            if (entry.type() == Entry.Type.MEMBERSHIP && !Membership.isDecodable(entry.payload())) {
                return false;
            }
            index = entry.index();
            term = entry.term();
        }
        return true;
    }
}
