package dev.quorate.raft.simulator.world;

import dev.quorate.raft.Output;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.simulator.observe.LogImage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One node's apply thread in simulated time: takes what may be applied, applies it after a while, serves the reads that
 * waited for it.
 */
final class Applier {

    private static final int MAX_ENTRIES_PER_BATCH = 64;

    private final World world;
    private final SimulatedNode node;
    private final SplitMix random;
    private final ArrayDeque<Entry> queue = new ArrayDeque<>();
    private final List<Output.ReadState> waitingReads = new ArrayList<>();
    private @Nullable Replica current;
    private long queuedThrough;
    private boolean isScheduled;
    /** Counts the states that this one replaced: a batch that was scheduled for an older one is void. */
    private int generation;

    Applier(World world, SimulatedNode node) {
        this.world = world;
        this.node = node;
        this.random = world.stream("apply " + node.view());
    }

    /** The state machine of this life, or of the last one while the node is down. */
    Replica replica() {
        return Objects.requireNonNull(current, "this node has never lived");
    }

    /** A life begins: this is the state. */
    void start(Replica state) {
        current = state;
        stateWasReplaced();
    }

    /** A snapshot was fetched: it is the state now. */
    void install(Image snapshot) {
        replica().restore(snapshot);
        stateWasReplaced();
    }

    private void stateWasReplaced() {
        generation++;
        isScheduled = false;
        long applied = replica().appliedIndex();
        queue.removeIf(entry -> entry.index() <= applied);
        queuedThrough = queue.isEmpty() ? applied : queue.getLast().index();
        scheduleIfNeeded();
        serveReads();
    }

    void crash() {
        generation++;
        isScheduled = false;
        queue.clear();
        waitingReads.clear();
        replica().crash();
    }

    /** Takes what the core says may be applied; what it does not hand over is read from the disk. */
    void take(Output.Apply apply) {
        List<Entry> entries = apply.entries();
        long firstHanded = apply.lastIndex() + 1 - entries.size();
        LogImage disk = node.view().disk().log();
        queue.addAll(disk.entries(queuedThrough + 1, firstHanded - 1));
        queue.addAll(entries);
        queuedThrough = apply.lastIndex();
        scheduleIfNeeded();
    }

    private void scheduleIfNeeded() {
        if (isScheduled || queue.isEmpty()) {
            return;
        }
        isScheduled = true;
        int expected = generation;
        node.later(world.draw(random, world.swarm().core().meanApplyNanos()), () -> {
            if (expected == generation) {
                isScheduled = false;
                applyBatch();
            }
        });
    }

    private void applyBatch() {
        List<Entry> batch = new ArrayList<>();
        while (batch.size() < MAX_ENTRIES_PER_BATCH && !queue.isEmpty()) {
            batch.add(queue.remove());
        }
        replica().apply(batch, (entry, stateHash) -> {
            world.observer().applied(node.view(), entry, stateHash);
            world.clients().applied(node, entry);
        });
        serveReads();
        scheduleIfNeeded();
        node.applied(replica().appliedIndex());
    }

    void read(Output.ReadState read) {
        if (replica().appliedIndex() >= read.readIndex()) {
            world.clients().readServed(node, read, replica().appliedIndex());
        } else {
            waitingReads.add(read);
        }
    }

    private void serveReads() {
        for (Iterator<Output.ReadState> all = waitingReads.iterator(); all.hasNext(); ) {
            Output.ReadState read = all.next();
            if (replica().appliedIndex() >= read.readIndex()) {
                all.remove();
                world.clients().readServed(node, read, replica().appliedIndex());
            }
        }
    }
}
