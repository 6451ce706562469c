package dev.quorate.raft.simulator.world;

import dev.quorate.raft.Output;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.simulator.observe.Coverage.Situation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node's snapshots: takes them now and then, keeps the newest two, serves them to others, fetches theirs.
 */
final class Snapshots {

    private static final int KEPT = 2;
    /** How many times a transfer can break off in the middle, and go on from there. */
    private static final int PIECES = 4;
    /** What a snapshot costs to move when the network is quick. */
    private static final long LEAST_TRANSFER_NANOS = Nanos.PER_MILLI;

    private final World world;
    private final SimulatedNode node;
    private final SplitMix random;
    private final List<Image> kept = new ArrayList<>();
    private boolean isTaking;
    /** What has arrived of which snapshot, from whomever: it stays over crashes. */
    private @Nullable EntryId arriving;

    private int piecesArrived;

    Snapshots(World world, SimulatedNode node) {
        this.world = world;
        this.node = node;
        this.random = world.stream("snapshots " + node.view());
    }

    /** What a new life's state machine starts from: what survived of it, or the newest snapshot if that is newer. */
    Replica stateAtStart() {
        Replica replica = world.workload().start(node.view().id(), node.initialMembership());
        Image newest = newest();
        if (newest != null && newest.index() > replica.appliedIndex()) {
            replica.restore(newest);
        }
        return replica;
    }

    @Nullable
    Image newest() {
        return kept.isEmpty() ? null : kept.get(kept.size() - 1);
    }

    void crash() {
        isTaking = false;
    }

    /** The disk is lost. */
    void wipe() {
        kept.clear();
        arriving = null;
        world.workload().wipe(node.view().id());
    }

    /** The state machine is here now: a reason to take a snapshot? */
    void appliedThrough(Replica replica) {
        int every = world.workload().snapshotEveryEntries(world.swarm().core().snapshotEveryEntries());
        Image newest = newest();
        long since = replica.appliedIndex() - (newest == null ? 0 : newest.index());
        if (every > 0 && since >= every && !isTaking) {
            isTaking = true;
            Image taken = replica.snapshot();
            node.later(world.draw(random, world.swarm().core().meanSnapshotNanos()), () -> {
                isTaking = false;
                keep(taken);
                node.snapshotTaken(taken.position());
            });
        }
    }

    private void keep(Image state) {
        kept.add(state);
        kept.sort(Comparator.comparingLong(Image::index));
        while (kept.size() > KEPT) {
            kept.remove(0);
        }
    }

    private @Nullable Image find(SnapshotMeta meta) {
        for (Image state : kept) {
            if (state.position().lastIncluded().equals(meta.lastIncluded())) {
                return state;
            }
        }
        return null;
    }

    /** Fetches and installs; the answer comes when the transfer is over, or has failed. */
    void install(Output.Install install) {
        node.later(LEAST_TRANSFER_NANOS, () -> {
            SimulatedNode source = world.node(install.source());
            Image state = source.snapshots().find(install.snapshot());
            boolean isOpen = source.view().leads() || world.swarm().core().followersServeSnapshots();
            if (state == null || !isOpen || !isReachable(source)) {
                failed(install);
                return;
            }
            if (!install.snapshot().lastIncluded().equals(arriving)) {
                arriving = install.snapshot().lastIncluded();
                piecesArrived = 0;
            } else if (piecesArrived > 0) {
                world.coverage().saw(Situation.SNAPSHOT_RESUMED);
            }
            // From here on the source keeps it, also when it takes newer ones.
            nextPiece(install, state, source, source.view().life());
        });
    }

    private void nextPiece(Output.Install install, Image state, SimulatedNode source, int sourceLife) {
        if (piecesArrived == PIECES) {
            arriving = null;
            if (!world.node(install.source()).view().leads()) {
                world.coverage().saw(Situation.SNAPSHOT_FROM_FOLLOWER);
            }
            installed(install.snapshot(), state);
            return;
        }
        node.later(world.draw(random, world.swarm().core().meanSnapshotNanos()) / PIECES, () -> {
            if (isReachable(source) && source.view().life() == sourceLife) {
                piecesArrived++;
                nextPiece(install, state, source, sourceLife);
            } else {
                if (piecesArrived > 0) {
                    world.coverage().saw(Situation.SNAPSHOT_SOURCE_LOST);
                }
                failed(install);
            }
        });
    }

    private boolean isReachable(SimulatedNode source) {
        return source.view().isUp() && world.network().connects(node, source);
    }

    private void failed(Output.Install install) {
        world.coverage().saw(Situation.SNAPSHOT_INSTALL_FAILED);
        node.snapshotFailed(install.snapshot());
    }

    private void installed(SnapshotMeta meta, Image state) {
        keep(state);
        world.observer().installed(node.view(), state.position(), state.hash());
        node.snapshotInstalled(meta, state);
    }
}
