package dev.quorate.raft.runtime;

import dev.quorate.raft.Output;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The apply thread: feeds the state machine, answers proposals, opens the gate for reads, and is the only thread that the
 * state machine meets while the node runs. It holds no lock while it completes futures.
 */
final class ApplyLoop<R> implements Runnable {

    private final StateMachine<R> stateMachine;
    private final SnapshotCoordinator snapshots;
    private final BiConsumer<Entry, Membership> onMembership;
    private final Fence fence;
    private final ApplyBacklog backlog;
    private final PendingProposals<R> pending;
    private final ReadGate gate = new ReadGate();
    /** Bounded by the core for proposals and reads, and by {@link ApplyBacklog#admit} for entries. */
    private final Lane<ApplyTask<R>> lane = new Lane<>();

    private volatile long appliedIndex;
    private EntryId applied;
    /** In force at {@code applied}: what a snapshot must say, whatever was appended since (thesis §5.1). */
    private Membership membership;

    ApplyLoop(
            StateMachine<R> stateMachine,
            DurableLog log,
            SnapshotCoordinator snapshots,
            SnapshotMeta start,
            Supplier<@Nullable NodeId> leader,
            BiConsumer<Entry, Membership> onMembership,
            Fence fence) {
        this.onMembership = onMembership;
        this.stateMachine = stateMachine;
        this.snapshots = snapshots;
        this.fence = fence;
        this.backlog = new ApplyBacklog(log);
        this.pending = new PendingProposals<>(leader);
        this.applied = start.lastIncluded();
        this.appliedIndex = applied.index();
        this.membership = start.membership();
    }

    /** What the state machine has applied. Grows before the futures complete that depend on it. Any thread. */
    long appliedIndex() {
        return appliedIndex;
    }

    /** The raft thread, before {@link #advance} covers the places. */
    void adopt(List<Proposal<R>> proposals) {
        lane.putQuietly(new ApplyTask.Adopt<>(proposals));
    }

    /** The raft thread. */
    void advance(Output.Apply apply) {
        lane.put(new ApplyTask.Advance<>(apply.lastIndex(), backlog.admit(apply.entries())));
    }

    /** The raft thread. */
    void serve(ReadBatch batch, long readIndex) {
        long now = appliedIndex;
        if (now >= readIndex) {
            batch.complete(now);
        } else {
            lane.put(new ApplyTask.Serve<>(batch, readIndex));
        }
    }

    /** Any thread. */
    void takeSnapshot(CompletableFuture<Long> answer) {
        lane.put(new ApplyTask.TakeSnapshot<>(answer));
    }

    /** Any thread. */
    void install(SnapshotStore.Lease snapshot) {
        lane.put(new ApplyTask.Install<>(snapshot));
    }

    /** Ends after the running batch. */
    void finish() {
        lane.close();
    }

    @Override
    public void run() {
        try {
            while (!lane.isClosed()) {
                for (ApplyTask<R> task = lane.poll(); task != null; task = lane.poll()) {
                    handle(task);
                }
                if (!applyBatch()) {
                    lane.await();
                }
            }
        } catch (Throwable e) {
            fence.stopNode("applying after index " + applied.index() + " failed", e);
        }
    }

    private void handle(ApplyTask<R> task) throws IOException {
        if (task instanceof ApplyTask.Advance<R> advance) {
            backlog.extend(advance.lastIndex(), advance.entries());
        } else if (task instanceof ApplyTask.Adopt<R> adopt) {
            for (Proposal<R> proposal : adopt.proposals()) {
                pending.add(proposal, applied.index());
            }
        } else if (task instanceof ApplyTask.Serve<R> serve) {
            gate.await(serve.batch(), serve.readIndex());
            gate.release(applied.index());
        } else if (task instanceof ApplyTask.TakeSnapshot<R> take) {
            snapshots.take(stateMachine, position(), take.answer(), this::checkSnapshot);
        } else if (task instanceof ApplyTask.CheckSnapshot<R>) {
            snapshots.takeIfDue(stateMachine, position(), this::checkSnapshot);
        } else if (task instanceof ApplyTask.Install<R> install) {
            try (SnapshotStore.Lease snapshot = install.snapshot()) {
                takeOver(snapshot);
            }
        }
    }

    private void checkSnapshot() {
        lane.put(new ApplyTask.CheckSnapshot<>());
    }

    private SnapshotMeta position() {
        return new SnapshotMeta(applied, membership);
    }

    /** False if there was nothing to apply. */
    private boolean applyBatch() throws IOException {
        List<Entry> batch = backlog.next(applied.index());
        if (batch == null) {
            return false;
        }
        List<R> results = stateMachine.apply(batch);
        if (results.size() != batch.size()) {
            throw new IllegalStateException("the state machine answered " + batch.size() + " entries with "
                    + results.size() + " results; apply must return one for each");
        }
        Entry last = batch.get(batch.size() - 1);
        moveTo(last.id());
        for (int i = 0; i < results.size(); i++) {
            Entry entry = batch.get(i);
            if (entry.type() == Entry.Type.MEMBERSHIP) {
                membership = Membership.decode(entry.payload());
                onMembership.accept(entry, membership);
            }
            pending.applied(entry, results.get(i));
        }
        gate.release(last.index());
        snapshots.takeIfDue(stateMachine, position(), this::checkSnapshot);
        return true;
    }

    private void takeOver(SnapshotStore.Lease snapshot) throws IOException {
        while (!lane.isClosed() && applyBatch()) {
            // What was handed over before the snapshot comes first: proposals in it get their results.
        }
        if (lane.isClosed()) {
            return;
        }
        SnapshotMeta meta = snapshot.meta();
        if (meta.index() <= applied.index()) {
            snapshots.notInstalled(meta, "this member has applied " + applied.index() + " meanwhile");
            return;
        }
        snapshots.restore(stateMachine, snapshot);
        membership = meta.membership();
        // The core must hear of the snapshot before it can see an applied index that builds on it.
        snapshots.installed(meta);
        moveTo(meta.lastIncluded());
        pending.skipped(meta.lastIncluded());
        gate.release(meta.index());
    }

    private void moveTo(EntryId position) {
        applied = position;
        appliedIndex = position.index();
    }
}
