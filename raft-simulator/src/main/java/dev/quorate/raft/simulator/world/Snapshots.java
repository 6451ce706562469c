package dev.quorate.raft.simulator.world;

import dev.quorate.raft.Output;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.simulator.observe.Coverage.Situation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node's snapshots: takes them now and then, keeps the newest two, serves them to others, fetches theirs. Also what a
 * state machine that survives crashes has flushed.
 */
final class Snapshots {

    private static final int KEPT = 2;
    /** What a snapshot costs to move when the network is quick. */
    private static final long LEAST_TRANSFER_NANOS = Nanos.PER_MILLI;

    private final World world;
    private final SimulatedNode node;
    private final SplitMix random;
    private final List<RegisterStore> kept = new ArrayList<>();
    private RegisterStore flushed;
    private boolean isTaking;

    Snapshots(World world, SimulatedNode node) {
        this.world = world;
        this.node = node;
        this.random = world.stream("snapshots " + node.view());
        this.flushed = new RegisterStore(node.initialMembership());
    }

    /** What a new life's state machine starts from: what was flushed, or the newest snapshot if it lives in memory. */
    RegisterStore stateAtStart() {
        if (world.swarm().core().durableStateMachine()) {
            return flushed.copy();
        }
        RegisterStore newest = newest();
        return newest == null ? new RegisterStore(node.initialMembership()) : newest.copy();
    }

    @Nullable
    RegisterStore newest() {
        return kept.isEmpty() ? null : kept.get(kept.size() - 1);
    }

    void crash() {
        isTaking = false;
    }

    /** The disk is lost. */
    void wipe() {
        kept.clear();
        flushed = new RegisterStore(node.initialMembership());
    }

    /** The state machine is here now: a reason to flush it, or to take a snapshot? */
    void appliedThrough(RegisterStore store) {
        if (random.chance(0.1)) {
            flushed = store.copy();
        }
        int every = world.swarm().core().snapshotEveryEntries();
        RegisterStore newest = newest();
        long since = store.appliedIndex() - (newest == null ? 0 : newest.appliedIndex());
        if (every > 0 && since >= every && !isTaking) {
            isTaking = true;
            RegisterStore taken = store.copy();
            node.later(world.draw(random, world.swarm().core().meanSnapshotNanos()), () -> {
                isTaking = false;
                keep(taken);
                node.snapshotTaken(taken.meta());
            });
        }
    }

    private void keep(RegisterStore state) {
        kept.add(state);
        kept.sort(Comparator.comparingLong(RegisterStore::appliedIndex));
        while (kept.size() > KEPT) {
            kept.remove(0);
        }
        if (flushed.appliedIndex() < state.appliedIndex()) {
            flushed = state.copy();
        }
    }

    private @Nullable RegisterStore find(SnapshotMeta meta) {
        for (RegisterStore state : kept) {
            if (state.meta().lastIncluded().equals(meta.lastIncluded())) {
                return state;
            }
        }
        return null;
    }

    /** Fetches and installs; the answer comes when the transfer is over, or has failed. */
    void install(Output.Install install) {
        node.later(LEAST_TRANSFER_NANOS, () -> {
            SimulatedNode leader = world.node(install.leader());
            // From here on the leader keeps it, also when it takes newer ones.
            RegisterStore state = leader.snapshots().find(install.snapshot());
            int leaderLife = leader.view().life();
            node.later(world.draw(random, world.swarm().core().meanSnapshotNanos()), () -> {
                boolean leaderStayed = leader.view().isUp() && leader.view().life() == leaderLife;
                if (state == null || !leaderStayed || !world.network().connects(node, leader)) {
                    world.coverage().saw(Situation.SNAPSHOT_INSTALL_FAILED);
                    node.snapshotFailed(install.snapshot());
                } else {
                    installed(install.snapshot(), state);
                }
            });
        });
    }

    private void installed(SnapshotMeta meta, RegisterStore state) {
        keep(state.copy());
        world.observer().installed(node.view(), state.meta(), state.hash());
        node.snapshotInstalled(meta, state.copy());
    }
}
