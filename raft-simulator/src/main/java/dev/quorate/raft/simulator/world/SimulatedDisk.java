package dev.quorate.raft.simulator.world;

import dev.quorate.raft.Output;
import dev.quorate.raft.Persist;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.simulator.invariant.Observer;
import dev.quorate.raft.simulator.observe.Coverage;
import dev.quorate.raft.simulator.observe.Coverage.Situation;
import dev.quorate.raft.simulator.observe.DiskImage;
import dev.quorate.raft.simulator.observe.LogImage;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One node's disk. Writes that come while a sync runs wait for the next one and share it. A crash loses what is not synced,
 * or all of it but a prefix: a power failure may come after the device has taken some of the writes. Each write is there or
 * not: {@link dev.quorate.raft.runtime.DurableLog} promises that, and its implementations have tests of their own for what a
 * device tears.
 */
final class SimulatedDisk {

    /** The slowest sync: what is under way when the faults end must end soon after. */
    private static final long MAX_SYNC_NANOS = 2 * Nanos.PER_SECOND;

    private static final long CALM_SYNC_NANOS = Nanos.PER_MILLI / 2;

    private final Scheduler scheduler;
    private final SplitMix random;
    private final Swarm.DiskPlan plan;
    private final NodeView view;
    private final double fetchFails;
    private final Observer observer;
    private final Coverage coverage;
    private final Consumer<List<Persist>> onDurable;
    private final Runnable onSyncFailed;
    private List<Persist> syncing = new ArrayList<>();
    private List<Persist> waiting = new ArrayList<>();
    private long meanSyncNanos;
    private long hungUntil;
    private boolean isStuck;
    private int life;
    private boolean nextSyncFails;

    /**
     * @param onDurable is handed the writes of each sync that ends while the node is up
     * @param onSyncFailed hears of a sync that did not; the node must {@link #crash} then
     */
    SimulatedDisk(World world, NodeView view, Consumer<List<Persist>> onDurable, Runnable onSyncFailed) {
        this.scheduler = world.scheduler();
        this.random = world.stream("disk " + view.id());
        this.plan = world.swarm().disk();
        this.fetchFails = world.swarm().core().fetchFails();
        this.view = view;
        this.observer = world.observer();
        this.coverage = world.coverage();
        this.onDurable = onDurable;
        this.onSyncFailed = onSyncFailed;
        this.meanSyncNanos = plan.meanSyncNanos();
    }

    /** @param factor 1 for the usual speed, more for a slow disk */
    void slowDown(double factor) {
        meanSyncNanos = (long) (plan.meanSyncNanos() * factor);
    }

    /** Nothing becomes durable for a while; then what waits goes on, as on a network disk whose server was away. */
    void hang(long durationNanos) {
        coverage.saw(Situation.DISK_HUNG);
        hungUntil = Math.max(hungUntil, scheduler.now() + durationNanos);
        scheduler.after(durationNanos, this::goOn);
    }

    /** Nothing becomes durable any more. */
    void hangForEver() {
        hungUntil = Long.MAX_VALUE;
    }

    private void goOn() {
        if (isStuck && scheduler.now() >= hungUntil) {
            isStuck = false;
            synced();
        }
    }

    /** The disk is quick from now on, and goes on if it hung. */
    void calm() {
        hungUntil = 0;
        scheduler.after(CALM_SYNC_NANOS, this::goOn);
        meanSyncNanos = Math.min(plan.meanSyncNanos(), CALM_SYNC_NANOS);
        nextSyncFails = false;
    }

    /** The sync that ends next, in whichever life, ends with an error: what of its writes is durable, nobody knows. */
    void failNextSync() {
        nextSyncFails = true;
    }

    void write(Persist write) {
        waiting.add(write);
        if (syncing.isEmpty()) {
            sync();
        }
    }

    private void sync() {
        List<Persist> done = syncing;
        syncing = waiting;
        done.clear();
        waiting = done;
        // A write of nothing waits only for those before it, and a sync of nothing takes no time.
        boolean isEmpty = syncing.stream().allMatch(Persist::writesNothing);
        long delay = isEmpty ? 0 : Math.min(MAX_SYNC_NANOS, meanSyncNanos / 4 + random.exponential(meanSyncNanos));
        int lifeOfSync = life;
        scheduler.after(delay, () -> {
            if (lifeOfSync == life) {
                synced();
            }
        });
    }

    private void synced() {
        if (scheduler.now() < hungUntil) {
            isStuck = true;
            return;
        }
        if (nextSyncFails) {
            nextSyncFails = false;
            coverage.saw(Situation.SYNC_FAILED);
            onSyncFailed.run();
            return;
        }
        for (Persist write : syncing) {
            makeDurable(write, true);
        }
        onDurable.accept(plan.acknowledgesOnlyLast() ? lastOnly(syncing) : List.copyOf(syncing));
        syncing.clear();
        if (!waiting.isEmpty()) {
            sync();
        }
    }

    /** The marks of all but the last write are dropped, their messages are not. */
    private static List<Persist> lastOnly(List<Persist> writes) {
        Persist last = writes.get(writes.size() - 1);
        List<Message> unlocks = new ArrayList<>();
        writes.forEach(write -> unlocks.addAll(write.unlocks()));
        return List.of(new Persist(
                last.hardState(),
                last.entries(),
                last.resetTo(),
                last.compactThrough(),
                last.repaired(),
                last.mark(),
                unlocks));
    }

    private void makeDurable(Persist write, boolean unlocks) {
        view.disk().apply(write, observer.cluster().committed()::chainAt);
        observer.writeDurable(view, write, unlocks);
    }

    /** The process is gone, and with it what was not synced, or most of it. */
    void crash() {
        life++;
        isStuck = false;
        int surviving = 0;
        if (!syncing.isEmpty() && random.chance(plan.prefixSurvives())) {
            surviving = random.below(syncing.size() + 1);
            for (Persist write : syncing.subList(0, surviving)) {
                makeDurable(write, false);
            }
            if (surviving > 0) {
                coverage.saw(Situation.UNSYNCED_PREFIX_SURVIVED);
            }
        }
        if (surviving < syncing.size() || !waiting.isEmpty()) {
            coverage.saw(Situation.UNSYNCED_TAIL_LOST);
        }
        syncing.clear();
        waiting.clear();
    }

    /** Reads old entries: as many as fit, at least one, or none if they are compacted away or cannot be read. */
    List<Entry> read(Output.Fetch fetch) {
        LogImage log = view.disk().log();
        long from = fetch.fromIndex();
        long to = Math.min(fetch.toIndex(), log.lastIndex());
        if (random.chance(fetchFails) || from <= log.baseIndex() || from > to) {
            coverage.saw(Situation.FETCH_FAILED);
            return List.of();
        }
        coverage.saw(Situation.OLD_ENTRIES_FETCHED);
        long bytes = log.entry(from).sizeBytes();
        long end = from;
        while (end < to && bytes + log.entry(end + 1).sizeBytes() <= fetch.maxBytes()) {
            end++;
            bytes += log.entry(end).sizeBytes();
        }
        return log.entries(from, end);
    }

    /** What a new life finds. The newest entries may or may not come along. */
    Recovered recover() {
        DiskImage disk = view.disk();
        LogImage log = disk.log();
        List<Recovered.TermRun> runs = new ArrayList<>();
        List<Entry> memberships = new ArrayList<>();
        long term = -1;
        for (long index = log.baseIndex() + 1; index <= log.lastIndex(); index++) {
            Entry entry = log.entry(index);
            if (entry.term() != term) {
                term = entry.term();
                runs.add(new Recovered.TermRun(index, term));
            }
            if (entry.type() == Entry.Type.MEMBERSHIP) {
                memberships.add(entry);
            }
        }
        long tailFrom = log.lastIndex() + 1 - random.between(0, log.lastIndex() - log.baseIndex() + 1);
        return new Recovered(
                disk.nextIncarnation(),
                disk.hardState(),
                log.base(),
                runs,
                memberships,
                log.lastIndex(),
                log.entries(tailFrom, log.lastIndex()),
                disk.isDamaged());
    }

    /** Makes the log start after a snapshot that the state machine holds and the log does not reach, before a life begins. */
    void resetBeforeStart(Persist reset) {
        makeDurable(reset, false);
    }
}
