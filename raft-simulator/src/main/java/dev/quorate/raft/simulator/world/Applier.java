package dev.quorate.raft.simulator.world;

import dev.quorate.raft.Output;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.simulator.observe.LogImage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

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
    private RegisterStore store;
    private long queuedThrough;
    private boolean isScheduled;
    /** Counts the states that this one replaced: a batch that was scheduled for an older one is void. */
    private int generation;

    Applier(World world, SimulatedNode node) {
        this.world = world;
        this.node = node;
        this.random = world.stream("apply " + node.view());
        this.store = new RegisterStore(node.initialMembership());
    }

    RegisterStore store() {
        return store;
    }

    /** A life begins, or a snapshot was installed: this is the state now. */
    void become(RegisterStore state) {
        generation++;
        isScheduled = false;
        store = state;
        queue.removeIf(entry -> entry.index() <= state.appliedIndex());
        queuedThrough = queue.isEmpty() ? state.appliedIndex() : queue.getLast().index();
        scheduleIfNeeded();
        serveReads();
    }

    void crash() {
        generation++;
        isScheduled = false;
        queue.clear();
        waitingReads.clear();
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
        for (int i = 0; i < MAX_ENTRIES_PER_BATCH && !queue.isEmpty(); i++) {
            Entry entry = queue.remove();
            store.apply(entry);
            world.observer().applied(node.view(), entry, store.hash());
            world.clients().applied(node, entry);
        }
        serveReads();
        scheduleIfNeeded();
        node.applied(store.appliedIndex());
    }

    void read(Output.ReadState read) {
        if (store.appliedIndex() >= read.readIndex()) {
            world.clients().readServed(node, read, store.appliedIndex());
        } else {
            waitingReads.add(read);
        }
    }

    private void serveReads() {
        for (Iterator<Output.ReadState> all = waitingReads.iterator(); all.hasNext(); ) {
            Output.ReadState read = all.next();
            if (store.appliedIndex() >= read.readIndex()) {
                all.remove();
                world.clients().readServed(node, read, store.appliedIndex());
            }
        }
    }
}
