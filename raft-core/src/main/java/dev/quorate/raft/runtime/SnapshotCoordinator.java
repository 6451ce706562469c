package dev.quorate.raft.runtime;

import dev.quorate.raft.Output;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who does what for a snapshot, and in which order:
 *
 * <pre>
 *   take:     apply thread: the state machine writes its files
 *             snapshot thread: sync, manifest, rename
 *             core: snapshotTaken, so that the log may be compacted
 *   install:  transport: fetch what is not here into the staging
 *             snapshot thread: compute the hashes, link, sync, manifest, rename
 *             apply thread: the state machine takes them over
 *             core: snapshotInstalled, so that the log starts again after it
 * </pre>
 *
 * The log shrinks last in both, so that at no instant the state is neither in the log nor in a whole snapshot. A crash
 * between any two steps is put right by {@link StartUp}.
 */
final class SnapshotCoordinator {

    private static final System.Logger LOG = System.getLogger(RaftNode.class.getName());
    private static final double NANOS_PER_SECOND = 1e9;

    private record Incoming(Output.Install install, SnapshotArrival arrival) {}

    private final NodeId id;
    private final SnapshotStore store;
    private final Transport transport;
    private final Mailbox mailbox;
    private final Executor snapshotThread;
    private final long everyEntries;
    /** Where the last attempt was, successful or not. The apply thread. */
    private long lastAttemptIndex;

    /** Snapshots that the state machine has written and the store has not. */
    private final AtomicInteger unfinished = new AtomicInteger();

    /** Snapshots on their way here; the core asks for one at a time. */
    private final Set<EntryId> fetching = ConcurrentHashMap.newKeySet();

    private final ConcurrentLinkedQueue<CompletableFuture<Long>> unanswered = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Incoming incoming;
    private volatile boolean stopped;

    SnapshotCoordinator(
            NodeId id,
            SnapshotStore store,
            Transport transport,
            Mailbox mailbox,
            Executor snapshotThread,
            long everyEntries,
            long lastSnapshotIndex) {
        this.id = id;
        this.store = store;
        this.transport = transport;
        this.mailbox = mailbox;
        this.snapshotThread = snapshotThread;
        this.everyEntries = everyEntries;
        this.lastAttemptIndex = lastSnapshotIndex;
    }

    /** The answer to somebody who wants a snapshot; it comes in any case. Any thread. */
    CompletableFuture<Long> newAnswer() {
        CompletableFuture<Long> answer = new CompletableFuture<>();
        unanswered.removeIf(CompletableFuture::isDone);
        unanswered.add(answer);
        if (stopped) {
            stop();
        }
        return answer;
    }

    /** Nobody is left waiting. */
    void stop() {
        stopped = true;
        for (CompletableFuture<Long> answer : unanswered) {
            answer.completeExceptionally(new RaftException.Stopped("it stopped before the snapshot was whole"));
        }
        unanswered.clear();
    }

    /** Serves a peer. A thread that may block. */
    Transport.SnapshotLease open(SnapshotMeta snapshot) throws IOException {
        return store.serve(snapshot.lastIncluded());
    }

    /** What is on its way here, null if nothing is. Any thread. */
    @Nullable
    Installation installation() {
        Incoming now = incoming;
        if (now == null) {
            return null;
        }
        long total = now.arrival().totalBytes();
        long present = now.arrival().heldBytes() + now.arrival().receivedBytes();
        return new Installation(now.install().snapshot(), now.install().source(), total, Math.min(total, present));
    }

    /**
     * The apply thread, after each batch. On a disk that is slower than the log grows, snapshots come less often.
     *
     * @param askAgain run by any thread when another snapshot may be due although nothing more was applied
     */
    void takeIfDue(StateMachine<?> stateMachine, SnapshotMeta at, Runnable askAgain) {
        if (at.index() - lastAttemptIndex >= everyEntries && unfinished.get() == 0) {
            take(stateMachine, at, null, askAgain);
        }
    }

    /**
     * Takes a snapshot of what is applied. A failure is logged and costs only the compaction: nothing was promised. The apply
     * thread.
     */
    void take(
            StateMachine<?> stateMachine,
            SnapshotMeta at,
            @Nullable CompletableFuture<Long> answer,
            Runnable askAgain) {
        lastAttemptIndex = at.index();
        SnapshotMeta newest = store.newest();
        if (at.index() == 0 || (newest != null && newest.lastIncluded().equals(at.lastIncluded()))) {
            succeed(answer, at);
            return;
        }
        SnapshotStore.Draft draft = null;
        try {
            draft = store.draft();
            stateMachine.snapshot(draft.files());
        } catch (IOException e) {
            fail(draft, at, answer, e);
            return;
        }
        SnapshotStore.Draft written = draft;
        unfinished.incrementAndGet();
        snapshotThread.execute(() -> {
            finish(written, at, answer);
            unfinished.decrementAndGet();
            askAgain.run();
        });
    }

    private void finish(SnapshotStore.Draft draft, SnapshotMeta at, @Nullable CompletableFuture<Long> answer) {
        try {
            store.commit(draft, at);
        } catch (IOException e) {
            fail(draft, at, answer, e);
            return;
        }
        LOG.log(System.Logger.Level.INFO, id + " took a snapshot at " + at.lastIncluded());
        sweepStaging();
        SnapshotMeta newest = store.newest();
        if (newest != null && newest.index() > at.index()) {
            // A leader's newer one arrived meanwhile; this one is deleted already and must not be offered.
            succeed(answer, at);
            return;
        }
        mailbox.tell(raft -> {
            raft.applied(at.index()); // or the log would be compacted less far than it could be
            raft.snapshotTaken(at);
            succeed(answer, at);
        });
    }

    /** The log has brought what was being fetched once. The snapshot thread, on which fetches begin as well. */
    private void sweepStaging() {
        if (fetching.isEmpty()) {
            try {
                store.staging().clear();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, id + " could not delete what it had fetched: " + e);
            }
        }
    }

    private void fail(
            SnapshotStore.@Nullable Draft draft,
            SnapshotMeta at,
            @Nullable CompletableFuture<Long> answer,
            IOException failure) {
        if (draft != null) {
            store.discard(draft);
        }
        LOG.log(
                System.Logger.Level.WARNING,
                id + " could not take a snapshot at " + at.lastIncluded() + ", its log is not compacted: " + failure);
        if (answer != null) {
            answer.completeExceptionally(failure);
        }
    }

    private static void succeed(@Nullable CompletableFuture<Long> answer, SnapshotMeta at) {
        if (answer != null) {
            answer.complete(at.index());
        }
    }

    /**
     * Fetches the snapshot that a leader has offered, or takes the stored one if it is here already (from before a crash), and hands it on.
     *
     * @param next gets the snapshot when it is safe on this node's disk
     */
    void fetch(Output.Install install, Consumer<SnapshotStore.Lease> next) {
        SnapshotMeta snapshot = install.snapshot();
        if (fetching.add(snapshot.lastIncluded())) {
            snapshotThread.execute(() -> fetchNow(install, next));
        }
    }

    private void fetchNow(Output.Install install, Consumer<SnapshotStore.Lease> next) {
        SnapshotMeta snapshot = install.snapshot();
        SnapshotMeta newest = store.newest();
        if (newest != null && newest.lastIncluded().equals(snapshot.lastIncluded())) {
            handOn(snapshot, next);
            return;
        }
        SnapshotArrival arrival =
                new SnapshotArrival(snapshot, store, line -> LOG.log(System.Logger.Level.INFO, id + " " + line));
        incoming = new Incoming(install, arrival);
        long startNanos = System.nanoTime();
        var unused = transport
                .fetchSnapshot(install.source(), snapshot, arrival)
                .whenComplete((nothing, failure) -> {
                    close(arrival);
                    snapshotThread.execute(() -> fetched(arrival, install, startNanos, failure, next));
                });
    }

    /** At once, on whatever thread: a node that stops does not run the rest. */
    private void close(SnapshotArrival arrival) {
        try {
            arrival.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, id + " could not close a file of a snapshot: " + e);
        }
    }

    private void fetched(
            SnapshotArrival arrival,
            Output.Install install,
            long startNanos,
            @Nullable Throwable failure,
            Consumer<SnapshotStore.Lease> next) {
        SnapshotMeta snapshot = install.snapshot();
        if (failure != null) {
            notInstalled(snapshot, failure.toString());
            return;
        }
        SnapshotStore.Draft draft = null;
        try {
            draft = arrival.assemble();
            store.commit(draft, arrival.manifest());
            store.staging().clear();
        } catch (IOException e) {
            if (draft != null) {
                store.discard(draft);
            }
            notInstalled(snapshot, e.toString());
            return;
        }
        LOG.log(
                System.Logger.Level.INFO,
                () -> String.format(
                        Locale.ROOT,
                        "%s has the snapshot at %s from %s: %d bytes received, %d were here, %.1f s",
                        id,
                        snapshot.lastIncluded(),
                        install.source(),
                        arrival.receivedBytes(),
                        arrival.heldBytes(),
                        (System.nanoTime() - startNanos) / NANOS_PER_SECOND));
        handOn(snapshot, next);
    }

    private void handOn(SnapshotMeta snapshot, Consumer<SnapshotStore.Lease> next) {
        try {
            next.accept(store.lease(snapshot.lastIncluded()));
        } catch (IOException e) {
            // A newer one of this node's own took its place meanwhile.
            notInstalled(snapshot, e.toString());
        }
    }

    /**
     * Replaces the state. The stored copy stays whole, for a restart and for peers. The apply thread.
     *
     * @throws IOException if the state machine failed; what its state is now is not known
     */
    void restore(StateMachine<?> stateMachine, SnapshotStore.Lease snapshot) throws IOException {
        Path scratch = store.scratchCopy(snapshot);
        stateMachine.restore(scratch, snapshot.meta().index());
        store.delete(scratch);
    }

    /** The state machine holds the snapshot, durably. The apply thread. */
    void installed(SnapshotMeta snapshot) {
        incoming = null;
        lastAttemptIndex = Math.max(lastAttemptIndex, snapshot.index());
        fetching.remove(snapshot.lastIncluded());
        LOG.log(System.Logger.Level.INFO, id + " took over the snapshot at " + snapshot.lastIncluded());
        mailbox.tell(raft -> raft.snapshotInstalled(snapshot));
    }

    /** The state is as before. Any thread. */
    void notInstalled(SnapshotMeta snapshot, String why) {
        incoming = null;
        fetching.remove(snapshot.lastIncluded());
        LOG.log(
                System.Logger.Level.WARNING,
                id + " could not take over the snapshot at " + snapshot.lastIncluded() + ": " + why);
        mailbox.tell(raft -> raft.snapshotFailed(snapshot));
    }
}
