package dev.quorate.raft;

import dev.quorate.raft.log.RaftLog;
import dev.quorate.raft.membership.MembershipHistory;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
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

    private HardState hardState;
    private HardState handedHardState;
    private JointConfig quorum;
    private Role role;
    private Output.RoleChange announced;
    private long nowNanos;
    private long forwards;
    private long readRequests;
    private @Nullable SnapshotMeta newestSnapshot;
    private @Nullable SnapshotMeta installing;
    private @Nullable SnapshotMeta resetTo;
    private @Nullable SnapshotMeta compactThrough;
    private @Nullable String fenced;

    /**
     * @param nowNanos a monotonic clock's reading; only differences count
     * @param appliedIndex what the state machine holds already: from {@code recovered.base().index()} to
     *     {@code recovered.lastIndex()}
     * @throws IllegalArgumentException if it is outside of that range
     */
    @SuppressWarnings("NullAway.Init") // the first role needs the rest of this object
    public Raft(RaftConfig config, Recovered recovered, long appliedIndex, long nowNanos) {
        this.config = config;
        this.incarnation = recovered.incarnation();
        this.log = new RaftLog(recovered, appliedIndex, config.maxWindowBytes());
        this.memberships = new MembershipHistory(recovered.base(), recovered.membershipEntries());
        this.quorum = new JointConfig(memberships.current());
        this.timer = new ElectionTimer(config.seed(), config.electionTimeoutNanos());
        this.hardState = recovered.hardState();
        this.handedHardState = hardState;
        this.nowNanos = nowNanos;
        timer.restart(nowNanos);
        this.role = new Follower(this, null);
        this.announced = new Output.RoleChange(role.kind(), hardState.term(), null);
    }

    // ---- verbs ----------------------------------------------------------------------------------------------------

    /**
     * Time passed. A reading before the last one counts as no time. Call at least every half heartbeat interval.
     *
     * @param now the monotonic clock's reading, in nanoseconds
     */
    public void tick(long now) {
        long passed = now - nowNanos;
        if (passed > 0) {
            nowNanos = now;
            writes.passed(Math.min(passed, config.heartbeatIntervalNanos()));
        }
        if (fenced == null) {
            role.onTick();
        }
    }

    /** A message arrived. One that is not for this member, or is malformed, is ignored. */
    public void receive(Message message) {
        if (fenced != null
                || !message.to().equals(config.id())
                || message.from().equals(config.id())) {
            return;
        }
        if (!isWellFormed(message)) {
            return;
        }
        if (message.term() > term() && !(message instanceof Message.PreVote)) {
            if (message instanceof Message.RequestVote vote && !vote.leadershipTransfer() && role.hearsFromLeader()) {
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
        if (fenced == null) {
            role.readIndex(id);
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
            SnapshotMeta newBase = new SnapshotMeta(new EntryId(through, log.termAt(through)), memberships.at(through));
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
        Persist persist = takePersist();
        Output.Apply apply = takeApply();
        Output.RoleChange now = new Output.RoleChange(role.kind(), term(), leader());
        Output.RoleChange change = now.equals(announced) ? null : now;
        announced = now;
        return out.drain(persist, apply, change, null);
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
                match);
    }

    // ---- the output -----------------------------------------------------------------------------------------------

    private @Nullable Persist takePersist() {
        HardState changed = hardState.equals(handedHardState) ? null : hardState;
        boolean writes =
                changed != null || log.hasUnhanded(role.writableIndex()) || resetTo != null || compactThrough != null;
        if (!writes && !this.writes.areOutstanding()) {
            out.takeGated().forEach(out::sendAtOnce); // everything they speak of is durable
            return null;
        }
        if (!writes && !out.hasGated()) {
            return null;
        }
        List<Entry> entries = log.takeUnhanded(role.writableIndex());
        WriteMark mark = this.writes.next(log.handedToDiskIndex(), changed != null);
        Persist persist = new Persist(changed, entries, resetTo, compactThrough, mark, out.takeGated());
        handedHardState = hardState;
        resetTo = null;
        compactThrough = null;
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

    /** The election timer has run out. */
    void campaign() {
        timer.restart(nowNanos);
        if (mayCampaign()) {
            role.leave();
            PreCandidate candidate = new PreCandidate(this);
            role = candidate;
            candidate.start();
        } else if (leader() != null) {
            becomeFollower(term(), null); // it is silent: what it was asked ends, and nothing more is passed on to it
        }
    }

    /**
     * A learner has no voice, the log of a member that installs a snapshot is about to be replaced, and one whose disk hangs
     * could not even keep its own vote.
     */
    boolean mayCampaign() {
        return membership().isVoter(config.id()) && installing == null && !diskHangs();
    }

    /** Only a completed write ends this. */
    boolean diskHangs() {
        return writes.owedNanos() >= config.diskHangNanos();
    }

    void becomeCandidate(boolean leadershipTransfer) {
        role.leave();
        hardState = new HardState(term() + 1, config.id());
        timer.restart(nowNanos);
        Candidate candidate = new Candidate(this);
        role = candidate;
        candidate.start(leadershipTransfer);
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

    JointConfig quorum() {
        return quorum;
    }

    @Nullable
    SnapshotMeta newestSnapshot() {
        return newestSnapshot;
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
        return (incarnation << INCARNATION_SHIFT) + ++readRequests;
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
    void offeredSnapshot(NodeId from, SnapshotMeta snapshot) {
        boolean held = snapshot.index() <= log.commitIndex() || log.matches(snapshot.index(), snapshot.term());
        if (held) {
            // Nothing to fetch: the log holds all of it, and a committed entry of the leader's is committed here.
            log.commitThrough(snapshot.index());
            answerSnapshot(snapshot, true);
        } else if (installing == null) {
            installing = snapshot;
            out.install(new Output.Install(from, snapshot));
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
        } else if (message instanceof Message.Heartbeat heartbeat) {
            send(new Message.HeartbeatResult(id(), from, term(), heartbeat.round()));
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
