package dev.quorate.raft.runtime;

import dev.quorate.raft.Raft;
import dev.quorate.raft.RaftConfig;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.ReadConsistency;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A running member: a {@link dev.quorate.raft.Raft} with its threads, its log, its transport and its state machine.
 *
 * @param <R> what the state machine answers to a command
 */
public final class RaftNode<R> implements AutoCloseable {

    /**
     * How a node runs.
     *
     * @param raft the core's limits and timers
     * @param initialMembership the group's first membership; used only by a node whose log was never written. {@link
     *     Membership#EMPTY} for a node that joins a group: it waits until that group's leader has it as a member
     * @param directory where the node keeps snapshots; created if missing
     * @param mailboxCapacity how many requests may wait for the raft thread, 1 to 2^30; more are refused as overloaded
     * @param maxCommandBytes the largest command, at least 1
     * @param requestTimeout when a request that got no answer fails: a proposal as "outcome unknown"; more than zero
     * @param snapshotEveryEntries a snapshot is taken, and the log compacted, when this many entries were applied since the
     *     last one; at least 1
     * @param leaderWait how long a request that finds no leader waits for one before it fails, definitely: more than zero.
     *     Such requests count against {@code mailboxCapacity} and the core's {@code maxUncommittedBytes}. Default: two
     *     election timeouts, in which an election nearly always ends
     */
    public record Options(
            RaftConfig raft,
            Membership initialMembership,
            Path directory,
            int mailboxCapacity,
            int maxCommandBytes,
            Duration requestTimeout,
            long snapshotEveryEntries,
            Duration leaderWait) {

        /** Checks each value against its limits. */
        public Options {
            Objects.requireNonNull(raft, "raft");
            Objects.requireNonNull(initialMembership, "initialMembership");
            Objects.requireNonNull(directory, "directory");
            positive("mailboxCapacity", mailboxCapacity);
            positive("maxCommandBytes", maxCommandBytes);
            positive("requestTimeout in nanoseconds", requestTimeout.toNanos());
            positive("snapshotEveryEntries", snapshotEveryEntries);
            positive("leaderWait in nanoseconds", leaderWait.toNanos());
        }

        /** The defaults, with a core that is configured apart. */
        public static Options of(RaftConfig raft, Membership initialMembership, Path directory) {
            return new Options(
                    raft,
                    initialMembership,
                    directory,
                    65_536,
                    2 << 20,
                    Duration.ofSeconds(5),
                    100_000,
                    defaultLeaderWait(raft));
        }

        /** Two election timeouts. */
        public static Duration defaultLeaderWait(RaftConfig raft) {
            return Duration.ofNanos(2 * raft.electionTimeoutNanos());
        }

        /**
         * The defaults, for a member whose transport finds the others by their addresses.
         *
         * @param self this member; its election timer is seeded from its name and the clock, so no two draw the same waits
         * @param directory belongs to this member for all time: with another's, it would forget what it voted for
         */
        public static Options of(NodeId self, Membership initialMembership, Path directory) {
            long seed = self.value().hashCode() * 0x9E3779B97F4A7C15L ^ System.nanoTime();
            return of(RaftConfig.of(self, seed), initialMembership, directory);
        }

        /** The same with another {@code mailboxCapacity}. */
        public Options withMailboxCapacity(int value) {
            return new Options(
                    raft,
                    initialMembership,
                    directory,
                    value,
                    maxCommandBytes,
                    requestTimeout,
                    snapshotEveryEntries,
                    leaderWait);
        }

        /** The same with another {@code maxCommandBytes}. */
        public Options withMaxCommandBytes(int value) {
            return new Options(
                    raft,
                    initialMembership,
                    directory,
                    mailboxCapacity,
                    value,
                    requestTimeout,
                    snapshotEveryEntries,
                    leaderWait);
        }

        /** The same with another {@code requestTimeout}. */
        public Options withRequestTimeout(Duration value) {
            return new Options(
                    raft,
                    initialMembership,
                    directory,
                    mailboxCapacity,
                    maxCommandBytes,
                    value,
                    snapshotEveryEntries,
                    leaderWait);
        }

        /** The same with another {@code snapshotEveryEntries}. */
        public Options withSnapshotEveryEntries(long value) {
            return new Options(
                    raft,
                    initialMembership,
                    directory,
                    mailboxCapacity,
                    maxCommandBytes,
                    requestTimeout,
                    value,
                    leaderWait);
        }

        /** The same with another {@code leaderWait}. */
        public Options withLeaderWait(Duration value) {
            return new Options(
                    raft,
                    initialMembership,
                    directory,
                    mailboxCapacity,
                    maxCommandBytes,
                    requestTimeout,
                    snapshotEveryEntries,
                    value);
        }

        private static void positive(String name, long value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " is " + value + ", and must be at least 1");
            }
        }
    }

    private static final System.Logger LOG = System.getLogger(RaftNode.class.getName());

    private final RaftConfig config;
    private final int maxCommandBytes;
    private final long requestTimeoutNanos;
    private final Mailbox mailbox;
    private final Administration administration;
    private final NodeThreads threads;
    private final SnapshotCoordinator snapshots;
    private final LogWriter logWriter;
    private final ApplyLoop<R> applyLoop;
    private final RaftLoop<R> raftLoop;
    private final Shutdown shutdown;

    private RaftNode(Options options, DurableLog log, Transport transport, StateMachine<R> stateMachine)
            throws IOException {
        config = options.raft();
        maxCommandBytes = options.maxCommandBytes();
        requestTimeoutNanos = options.requestTimeout().toNanos();
        SnapshotStore store = SnapshotStore.open(options.directory());
        StartUp start = StartUp.run(options, log, store, stateMachine);
        Raft raft = new Raft(config, start.recovered(), start.applied().index(), System.nanoTime());
        SnapshotMeta snapshot = start.snapshot();
        if (snapshot != null) {
            raft.snapshotTaken(snapshot);
        }
        Fence fence = this::stopNode;
        mailbox = new Mailbox(options.mailboxCapacity());
        threads = new NodeThreads(config.id(), fence);
        snapshots = new SnapshotCoordinator(
                config.id(),
                store,
                transport,
                mailbox,
                threads.snapshot(),
                options.snapshotEveryEntries(),
                snapshot == null ? 0 : snapshot.index());
        logWriter = new LogWriter(log, transport, mailbox, fence);
        administration = new Administration(mailbox);
        applyLoop = new ApplyLoop<>(
                stateMachine, log, snapshots, start.applied(), this::leader, administration::applied, fence);
        NodeClock clock = new NodeClock();
        raftLoop = new RaftLoop<>(
                raft,
                clock,
                config,
                mailbox,
                new Requests<>(options, raft, clock, mailbox, applyLoop),
                administration,
                transport,
                logWriter,
                applyLoop,
                new EntryFetcher(log, mailbox, threads.fetch(), fence),
                install -> snapshots.fetch(install, applyLoop::install),
                fence);
        shutdown = new Shutdown(
                config.id(), mailbox, threads, logWriter, applyLoop, snapshots, log, transport, stateMachine);
    }

    /**
     * Makes a member of a new group that begins with the state which the state machine holds, such as a restored backup or
     * what was kept elsewhere until now. Nothing runs yet, and nothing is closed: close all and open them anew to {@link #start}
     * it. Every founder must be made from the same state and the same initial membership: what differs here differs for
     * good.
     *
     * <p>The log goes on after the state machine's applied index, or after 1 if that is 0. A crash in the middle leaves a
     * directory that {@code start} refuses: found again in a new one.
     *
     * @param log never written, as the snapshots in the options' directory
     * @param stateMachine asked for its applied index and for a snapshot
     * @return where the log begins
     * @throws IllegalArgumentException if the initial membership has no voter; nothing was changed
     * @throws IOException if the log or the directory is of a member that has run, which is unchanged then, or cannot be written
     */
    public static SnapshotMeta found(Options options, DurableLog log, StateMachine<?> stateMachine) throws IOException {
        return Founding.run(options, log, stateMachine);
    }

    /**
     * Recovers the log, brings the state machine up to its snapshot, and starts the threads and the transport. The node owns
     * all three from then on and closes them, also when this fails.
     *
     * @throws IOException if the log or the snapshot cannot be read or do not fit together, or the transport cannot listen
     */
    public static <R> RaftNode<R> start(
            Options options, DurableLog log, Transport transport, StateMachine<R> stateMachine) throws IOException {
        try {
            RaftNode<R> node = new RaftNode<>(options, log, transport, stateMachine);
            transport.start(node.new FromTransport());
            node.run();
            return node;
        } catch (Throwable e) {
            for (AutoCloseable part : List.of(transport, stateMachine, log)) {
                closeAfter(e, part);
            }
            throw e;
        }
    }

    private static void closeAfter(Throwable failure, AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            failure.addSuppressed(e);
        }
    }

    private void run() {
        RaftStatus status = status();
        raftLoop.introducePeers();
        LOG.log(
                System.Logger.Level.INFO,
                config.id() + " starts in term " + status.term() + ", applied " + status.appliedIndex() + ", log "
                        + status.firstIndex() + " to " + status.lastIndex() + ", members "
                        + status.membership().all());
        threads.start(NodeThreads.LOG, logWriter);
        threads.start(NodeThreads.APPLY, applyLoop);
        threads.start(NodeThreads.RAFT, raftLoop);
    }

    /**
     * Proposes a command, on any member: a follower passes it on to its leader. Without a leader it waits for one, up to
     * {@code leaderWait}. Never blocks.
     *
     * @param command handed over: do not write to it again
     * @return completes on the apply thread, with this node's result of applying it, or exceptionally with a {@link
     *     RaftException}, which says whether the failure is definite. What is chained to it runs on the node's threads: do
     *     not block there
     */
    public CompletableFuture<R> propose(byte[] command) {
        Proposal<R> proposal = new Proposal<>(command, System.nanoTime() + requestTimeoutNanos);
        if (command.length > maxCommandBytes) {
            proposal.refuse(new RaftException.TooLarge(command.length, maxCommandBytes));
        } else {
            mailbox.submit(proposal);
        }
        return proposal;
    }

    /**
     * Waits until a read of this member's state machine is linearizable: what was acknowledged anywhere before this call is
     * applied here. Any member. Never blocks.
     *
     * @return completes with the applied index, on the raft or the apply thread: do not read on it, hand over; or
     *     exceptionally with a {@link RaftException}, always definite
     */
    public CompletableFuture<Long> readIndex() {
        return read(ReadConsistency.LINEARIZABLE);
    }

    /**
     * Waits until this member's state machine holds what a read of this consistency must see. Any member. Never blocks.
     *
     * @return completes with the applied index, for {@link ReadConsistency#LOCAL} at once, otherwise on the raft or the apply
     *     thread: do not read on it, hand over; or exceptionally with a {@link RaftException}, always definite
     */
    public CompletableFuture<Long> read(ReadConsistency consistency) {
        if (consistency.level() == ReadConsistency.Level.LOCAL) {
            return CompletableFuture.completedFuture(applyLoop.appliedIndex());
        }
        Read read = new Read(consistency, System.nanoTime() + requestTimeoutNanos);
        mailbox.submit(read);
        return read;
    }

    /**
     * Changes who belongs to the group; at the leader only (thesis chapter 4). Never blocks.
     *
     * @return completes with the membership, on the apply thread, when the change is committed and no joint membership is in
     *     force any more; a voter that was added may still be catching up then, and votes by itself when it has. Or
     *     exceptionally with a {@link RaftException}: {@link RaftException.Refused} and {@link RaftException.NotLeader} are
     *     definite, {@link RaftException.OutcomeUnknown} is not
     */
    public CompletableFuture<Membership> changeMembership(MembershipChange change) {
        return administration.change(change, System.nanoTime() + requestTimeoutNanos);
    }

    /**
     * Hands leadership over; at the leader only (thesis §3.10). Proposals wait meanwhile, at most an election timeout. Never
     * blocks.
     *
     * @param to a voter; null for whoever is ready soonest
     * @return completes on the raft thread when the other member leads; or exceptionally with a {@link RaftException}
     */
    public CompletableFuture<Void> transferLeadership(@Nullable NodeId to) {
        return administration.transfer(to, System.nanoTime() + requestTimeoutNanos);
    }

    /**
     * One moment of this member; published by the raft thread after each batch, with the applied index as of now. Never
     * blocks, any thread.
     */
    public RaftStatus status() {
        RaftStatus then = raftLoop.status();
        // The raft thread is not woken for each applied batch, so it may not know yet.
        long appliedIndex = Math.min(applyLoop.appliedIndex(), then.commitIndex());
        if (appliedIndex <= then.appliedIndex()) {
            return then;
        }
        return new RaftStatus(
                then.id(),
                then.role(),
                then.term(),
                then.leader(),
                then.firstIndex(),
                then.lastIndex(),
                then.durableIndex(),
                then.commitIndex(),
                appliedIndex,
                then.membership(),
                then.damaged(),
                then.matchIndex());
    }

    /** The membership that is in force for this member: the newest of its log, committed or not. Never blocks, any thread. */
    public Membership membership() {
        return raftLoop.status().membership();
    }

    /**
     * How often this member, since it was started, has found a leader where it knew another one, or none. Never blocks, any
     * thread.
     */
    public long leaderChanges() {
        return raftLoop.leaderChanges();
    }

    /** The snapshot that is on its way to this member, null if none is. Never blocks, any thread. */
    public @Nullable Installation installation() {
        return snapshots.installation();
    }

    private @Nullable NodeId leader() {
        return raftLoop.status().leader();
    }

    /**
     * Takes a snapshot now, and compacts the log up to it, less what is kept for followers that are a little late.
     *
     * @return completes with the snapshot's index, the applied index when the apply thread got to it; exceptionally with an
     *     {@link IOException} if the files could not be written, or a {@link RaftException.Stopped}
     */
    public CompletableFuture<Long> takeSnapshot() {
        CompletableFuture<Long> answer = snapshots.newAnswer();
        applyLoop.takeSnapshot(answer);
        return answer;
    }

    /**
     * Completes when the node has stopped: normally after {@link #close}; exceptionally, with an {@link
     * IllegalStateException} that says what failed and has the cause, when it stopped itself because a write failed, the
     * state machine threw, or an invariant broke.
     */
    public CompletableFuture<Void> stopped() {
        return shutdown.stopped();
    }

    /**
     * Stops the node and waits for it, for a bounded time; on the node's own threads it does not wait. Waiting requests
     * fail: proposals that were handed to the log as "outcome unknown". May be called again.
     */
    @Override
    public void close() {
        shutdown.close();
    }

    private void stopNode(String what, Throwable cause) {
        shutdown.fail(what, cause);
    }

    /** What peers bring goes to the mailbox; snapshots are read where the transport wants to. */
    private final class FromTransport implements Transport.Listener {

        @Override
        public void onMessage(Message message) {
            mailbox.receive(message);
        }

        @Override
        public void onMessage(Message message, long senderIdentity) {
            mailbox.receive(message, senderIdentity);
        }

        @Override
        public long identity() {
            return config.identity();
        }

        @Override
        public void onUnreachable(NodeId peer) {
            mailbox.unreachable(peer);
        }

        @Override
        public Transport.SnapshotLease openSnapshot(SnapshotMeta snapshot) throws IOException {
            return snapshots.open(snapshot);
        }
    }
}
