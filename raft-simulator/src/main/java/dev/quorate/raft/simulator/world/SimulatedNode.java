package dev.quorate.raft.simulator.world;

import dev.quorate.raft.Invariants;
import dev.quorate.raft.Output;
import dev.quorate.raft.Persist;
import dev.quorate.raft.Raft;
import dev.quorate.raft.RaftConfig;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.WriteMark;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.simulator.invariant.InvariantViolation;
import dev.quorate.raft.simulator.observe.Coverage.Situation;
import dev.quorate.raft.simulator.observe.DiskImage;
import dev.quorate.raft.simulator.observe.LogImage;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One node: a core and what drives it, in simulated time. It does what the threaded runtime does: gathers verbs, takes one
 * output per batch, sends, writes, applies.
 */
final class SimulatedNode {

    /** A paused process's sockets hold about this much; the rest is lost. */
    private static final int MAX_WAITING_VERBS = 4_096;

    private static final int MAX_VERBS_PER_BATCH = 64;

    /** The core's own invariants cost more than all else, and what breaks them stays broken for a while. */
    private static final int BATCHES_PER_INSIDE_CHECK = 32;

    private final World world;
    private final NodeView view;
    private RaftConfig config;
    private Membership initialMembership;
    private final SplitMix random;
    private final SimulatedClock clock;
    private final SimulatedDisk disk;
    private final Snapshots snapshots;
    private final Applier applier;
    private final ArrayDeque<Consumer<Raft>> inbox = new ArrayDeque<>();
    /** What clients ask while the process is paused. Its sockets are independent: what it reads first later is a matter of luck. */
    private final ArrayDeque<Consumer<Raft>> asked = new ArrayDeque<>();

    private final ArrayDeque<Runnable> suspended = new ArrayDeque<>();
    private @Nullable Raft raft;
    private long batches;
    private int ticksInBatch;
    private boolean isBatchScheduled;
    private long pausedUntil;
    private boolean isClockDoubted;

    /** @param initialMembership what this node is told before it starts for the first time; nobody if it is to join */
    SimulatedNode(World world, NodeView view, RaftConfig config, Membership initialMembership) {
        this.initialMembership = initialMembership;
        this.world = world;
        this.view = view;
        this.config = config;
        this.random = world.stream("node " + view.id());
        this.clock = new SimulatedClock(random.nextLong() >> 8);
        this.disk = new SimulatedDisk(world, view, this::synced, this::syncFailed);
        this.snapshots = new Snapshots(world, this);
        this.applier = new Applier(world, this);
    }

    NodeView view() {
        return view;
    }

    Membership initialMembership() {
        return initialMembership;
    }

    SimulatedDisk disk() {
        return disk;
    }

    Snapshots snapshots() {
        return snapshots;
    }

    Replica replica() {
        return applier.replica();
    }

    // ---- life and death -------------------------------------------------------------------------------------------

    void start() {
        Replica state = snapshots.stateAtStart();
        LogImage log = view.disk().log();
        SnapshotMeta held = state.position();
        if (!log.knows(held.index()) || log.termAt(held.index()) != held.term()) {
            // A crash between "the snapshot is installed" and "the log starts after it": finish what was begun. The
            // term
            // may have been lost with the log, and a log must never be ahead of its node's term.
            HardState durable = view.disk().hardState();
            HardState raised = held.term() > durable.term() ? new HardState(held.term(), null) : null;
            disk.resetBeforeStart(
                    new Persist(raised, List.of(), held, null, new WriteMark(0, held.index()), List.of()));
        }
        Recovered recovered = disk.recover();
        Raft started = new Raft(config, recovered, state.appliedIndex(), clock.read(world.now()));
        raft = started;
        world.observer().started(view, state.appliedIndex());
        trace("starts its life " + view.life() + " at " + recovered.hardState() + ", log ("
                + recovered.base().index() + ", " + recovered.lastIndex() + "], applied " + state.appliedIndex());
        applier.start(state);
        Image newest = snapshots.newest();
        if (newest != null) {
            started.snapshotTaken(newest.position());
        }
        endBatch(started, false);
        scheduleTick(view.life());
    }

    void crash() {
        disk.crash();
        raft = null;
        inbox.clear();
        asked.clear();
        suspended.clear();
        pausedUntil = 0;
        clockGoes();
        isClockDoubted = false;
        applier.crash();
        snapshots.crash();
        world.observer().crashed(view);
        world.clients().crashed(this);
        world.operator().crashed(this);
        world.network().crashed(view.number());
        trace("crashes; its log is " + view.disk().log().last() + ", its hard state "
                + view.disk().hardState());
    }

    /**
     * The process dies, and entries of its log cannot be read any more: those from some index on, or all. The state machine, which
     * may be ahead of what is left, is thrown away; snapshots are whole.
     */
    void damage(boolean everything) {
        if (view.isUp()) {
            crash();
        }
        LogImage log = view.disk().log();
        if (everything || log.lastIndex() == log.baseIndex()) {
            view.damage(initialMembership);
        } else {
            view.damage(random.between(log.baseIndex() + 1, log.lastIndex() + 1));
        }
        world.workload().wipe(view.id());
        world.observer().damaged(view);
        trace("has lost entries of its log, which ends at " + view.disk().log().last() + " now");
    }

    /** The process dies and its disk is lost with it. Whoever starts here again has another identity and knows nobody. */
    void wipe() {
        if (view.isUp()) {
            crash();
        }
        initialMembership = Membership.EMPTY;
        view.wipe(new DiskImage(Membership.EMPTY), random.nextLong() | 1);
        config = world.config(view);
        snapshots.wipe();
        world.observer().wiped(view);
        trace("has lost its disk");
    }

    /** Nothing of this process runs until then; what arrives waits. */
    void pause(long durationNanos) {
        pausedUntil = Math.max(pausedUntil, world.now() + durationNanos);
        world.coverage().saw(Situation.NODE_PAUSED);
        later(durationNanos, () -> {});
    }

    /** Like a pause, and the clock stands still meanwhile. */
    void suspend(long durationNanos) {
        if (view.isUp() && !clock.stands()) {
            clock.stand(world.now());
            world.coverage().saw(Situation.CLOCK_STOOD_STILL);
        }
        pause(durationNanos);
    }

    void resume() {
        pausedUntil = 0;
        clockGoes();
        wake();
    }

    boolean wasPausedSince(long instantNanos) {
        return pausedUntil > instantNanos;
    }

    void setClockRate(int ratePerMille) {
        clock.setRate(world.now(), ratePerMille);
    }

    /** A process that goes on cannot know how long it stood, but its other clock says that it did. */
    private void clockGoes() {
        if (clock.stands()) {
            clock.go(world.now());
            isClockDoubted = true;
        }
    }

    boolean isRunning() {
        return view.isUp() && !isPaused();
    }

    SimulatedClock clock() {
        return clock;
    }

    private boolean isPaused() {
        return world.now() < pausedUntil;
    }

    /** Runs an action of this process in a while: later if the process is paused then, never if it crashes before. */
    void later(long delayNanos, Runnable action) {
        int life = view.life();
        world.scheduler().after(delayNanos, () -> {
            if (view.isUp() && view.life() == life) {
                if (isPaused()) {
                    suspended.add(action);
                } else {
                    wake();
                    action.run();
                }
            }
        });
    }

    private void wake() {
        clockGoes();
        readSockets();
        for (Runnable action = suspended.poll(); action != null; action = suspended.poll()) {
            action.run();
        }
        if (!inbox.isEmpty()) {
            runBatch();
        }
    }

    /** Merges what peers and what clients sent during a pause, each in its order. */
    private void readSockets() {
        if (asked.isEmpty()) {
            return;
        }
        double clientsFirst = random.oneOf(0.1, 0.5, 0.95);
        List<Consumer<Raft>> fromPeers = List.copyOf(inbox);
        inbox.clear();
        for (Consumer<Raft> fromPeer : fromPeers) {
            while (!asked.isEmpty() && random.chance(clientsFirst)) {
                inbox.add(asked.remove());
            }
            inbox.add(fromPeer);
        }
        inbox.addAll(asked);
        asked.clear();
    }

    private void scheduleTick(int life) {
        long interval = config.heartbeatIntervalNanos() / 2;
        world.scheduler().after(clock.globalDuration(random.between(interval / 2, interval)), () -> {
            if (view.isUp() && view.life() == life) {
                if (!isPaused()) {
                    wake();
                    verb(this::tick);
                }
                scheduleTick(life);
            }
        });
    }

    // ---- verbs ----------------------------------------------------------------------------------------------------

    private void tick(Raft core) {
        ticksInBatch++;
        core.tick(clock.read(world.now()));
    }

    void receive(Message message, long senderIdentity) {
        if (!view.isUp()) {
            return;
        }
        if (inbox.size() < MAX_WAITING_VERBS) {
            verb(core -> {
                if (world.trace().isOn()) {
                    trace("← " + MessageText.of(message));
                }
                world.observer().messageArrives(view, message, senderIdentity);
                core.receive(message, senderIdentity);
            });
        }
    }

    void unreachable(NodeId peer) {
        verb(core -> core.unreachable(peer));
    }

    void propose(long firstId, List<byte[]> commands) {
        ask(core -> core.propose(firstId, commands));
    }

    void read(Operation read) {
        ask(core -> {
            read.askedAtNanos = world.now();
            core.read(read.id, read.consistency);
        });
    }

    private void ask(Consumer<Raft> question) {
        if (raft != null && isPaused()) {
            asked.add(question);
        } else {
            verb(question);
        }
    }

    void changeMembership(long id, MembershipChange change) {
        verb(core -> core.changeMembership(id, change));
    }

    void transferLeadership(long id, @Nullable NodeId to) {
        verb(core -> {
            core.transferLeadership(id, to);
            world.operator().transferArrived(id);
        });
    }

    void applied(long index) {
        snapshots.appliedThrough(applier.replica());
        verb(core -> core.applied(index));
    }

    void snapshotTaken(SnapshotMeta meta) {
        trace("has taken a snapshot of " + meta.lastIncluded());
        verb(core -> core.snapshotTaken(meta));
    }

    void snapshotInstalled(SnapshotMeta meta, Image state) {
        trace("has installed the snapshot of " + meta.lastIncluded());
        world.clients().skipped(this, meta.index());
        applier.install(state);
        verb(core -> core.snapshotInstalled(meta));
    }

    void snapshotFailed(SnapshotMeta meta) {
        trace("could not install the snapshot of " + meta.lastIncluded());
        verb(core -> core.snapshotFailed(meta));
    }

    /** One sync of the disk ended. */
    private void synced(List<Persist> writes) {
        verb(core -> {
            for (Persist write : writes) {
                if (world.trace().isOn()) {
                    trace("has on disk " + write.mark());
                }
                send(write.unlocks());
                core.persisted(write.mark());
            }
        });
    }

    /** A node does not go on with a disk whose state it does not know (never retry a failed fsync; Rebello et al. 2020). */
    private void syncFailed() {
        trace("stops: a sync failed");
        world.faults().stopForAWhile(this);
    }

    private void verb(Consumer<Raft> verb) {
        if (raft == null) {
            return;
        }
        inbox.add(verb);
        if (isPaused()) {
            return;
        }
        long maxDelay = world.swarm().core().maxBatchDelayNanos();
        if (maxDelay == 0) {
            runBatch();
        } else if (!isBatchScheduled) {
            isBatchScheduled = true;
            world.scheduler().after(random.between(0, maxDelay), () -> {
                isBatchScheduled = false;
                if (!isPaused()) {
                    runBatch();
                }
            });
        }
    }

    private void runBatch() {
        Raft core = raft;
        clockGoes();
        if (core != null && isClockDoubted) {
            isClockDoubted = false;
            core.clockDoubted();
        }
        while (core != null && !inbox.isEmpty()) {
            int verbs = 0;
            ticksInBatch = 0;
            while (verbs < MAX_VERBS_PER_BATCH && !inbox.isEmpty()) {
                Consumer<Raft> verb = inbox.remove();
                core.clock(clock.read(world.now()));
                verb.accept(core);
                verbs++;
            }
            endBatch(core, ticksInBatch == verbs);
            core = raft;
        }
    }

    // ---- the output -----------------------------------------------------------------------------------------------

    private void endBatch(Raft core, boolean hasOnlyTicked) {
        Output output = core.takeOutput();
        if (hasOnlyTicked && isEmpty(output)) {
            return; // nothing happened; a third of all batches are like that
        }
        if (++batches % BATCHES_PER_INSIDE_CHECK == 0) {
            checkInside(core);
        }
        RaftStatus status = core.status();
        world.mix(view.number(), status);
        if (world.trace().isOn()) {
            OutputText.lines(output, view.status(), status).forEach(this::trace);
        }
        world.observer().batchEnded(view, status, output);
        send(output.send());
        Persist write = output.persist();
        if (write != null) {
            disk.write(write);
        }
        for (Output.Accepted accepted : output.accepted()) {
            world.clients().accepted(this, accepted);
        }
        Output.Apply apply = output.apply();
        if (apply != null) {
            applier.take(apply);
        }
        output.fetch().forEach(this::fetch);
        Output.Install install = output.install();
        if (install != null) {
            snapshots.install(install);
        }
        output.reads().forEach(applier::read);
        for (Output.Rejected rejected : output.rejected()) {
            switch (rejected.kind()) {
                case PROPOSAL, READ -> world.clients().rejected(this, rejected);
                case CHANGE, TRANSFER -> world.operator().rejected(this, rejected);
            }
        }
        output.changes().forEach(accepted -> world.operator().accepted(this, accepted));
        output.transferred().forEach(id -> world.operator().transferred(this, id, status));
        world.operator().batchEnded(this, output, status);
    }

    private static boolean isEmpty(Output output) {
        return output.send().isEmpty()
                && output.persist() == null
                && output.apply() == null
                && output.fetch().isEmpty()
                && output.install() == null
                && output.reads().isEmpty()
                && output.accepted().isEmpty()
                && output.changes().isEmpty()
                && output.transferred().isEmpty()
                && output.rejected().isEmpty()
                && output.roleChange() == null
                && output.fenced() == null;
    }

    /** Of the core's own invariants only those of one moment: how it got there is what the observer looks at. */
    private void checkInside(Raft core) {
        try {
            new Invariants(core).check();
        } catch (IllegalStateException e) {
            throw new InvariantViolation("CoreInvariants", view + ": " + e.getMessage(), e);
        }
    }

    private void send(List<Message> messages) {
        for (Message message : messages) {
            world.network().send(view.number(), message);
        }
    }

    private void fetch(Output.Fetch fetch) {
        later(world.draw(random, world.swarm().core().meanFetchNanos()), () -> {
            List<Entry> entries = disk.read(fetch);
            if (entries.isEmpty()) {
                verb(core -> core.fetchFailed(fetch));
            } else {
                verb(core -> core.fetched(fetch, entries));
            }
        });
    }

    // ---- trace ----------------------------------------------------------------------------------------------------

    void trace(String what) {
        world.trace().line(world.now(), view, what);
    }
}
