package dev.quorate.raft.runtime;

import dev.quorate.raft.model.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * How a node ends: once, in one order, in bounded time, whoever asks for it. Requests are answered first, by the raft thread
 * as it ends; then the threads that use a part end before the part is closed. A part whose user does not end stays open: a
 * leak is better than a crash inside native code.
 */
final class Shutdown {

    private static final System.Logger LOG = System.getLogger(RaftNode.class.getName());

    /** How long the threads get, all together: a slow disk's sync, or one batch of a slow state machine. */
    private static final long THREADS_SECONDS = 15;
    /** How long {@link RaftNode#close} waits: the threads' time, and some more to close the parts. */
    private static final long CLOSE_SECONDS = THREADS_SECONDS + 5;

    private final NodeId id;
    private final Mailbox mailbox;
    private final NodeThreads threads;
    private final LogWriter logWriter;
    private final ApplyLoop<?> applyLoop;
    private final SnapshotCoordinator snapshots;
    private final DurableLog log;
    private final Transport transport;
    private final StateMachine<?> stateMachine;

    private final AtomicBoolean begun = new AtomicBoolean();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private final List<String> leftOpen = new ArrayList<>();

    Shutdown(
            NodeId id,
            Mailbox mailbox,
            NodeThreads threads,
            LogWriter logWriter,
            ApplyLoop<?> applyLoop,
            SnapshotCoordinator snapshots,
            DurableLog log,
            Transport transport,
            StateMachine<?> stateMachine) {
        this.id = id;
        this.mailbox = mailbox;
        this.threads = threads;
        this.logWriter = logWriter;
        this.applyLoop = applyLoop;
        this.snapshots = snapshots;
        this.log = log;
        this.transport = transport;
        this.stateMachine = stateMachine;
    }

    CompletableFuture<Void> stopped() {
        return stopped.copy();
    }

    /** Begins to stop, because something broke. Any thread, also the one that broke; never blocks. */
    void fail(String what, Throwable cause) {
        if (begun.compareAndSet(false, true)) {
            logWriter.halt();
            String why = what + ": " + cause;
            mailbox.close(why);
            LOG.log(System.Logger.Level.ERROR, id + " stops itself, " + why, cause);
            begin(new IllegalStateException(id + " stopped itself, " + why, cause));
        }
    }

    /** Begins to stop, and waits for it, except on the node's own threads. */
    void close() {
        if (begun.compareAndSet(false, true)) {
            mailbox.close("it was closed");
            begin(null);
        }
        if (threads.isCurrent()) {
            return;
        }
        try {
            stopped.handle((nothing, failure) -> true).get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
            LOG.log(System.Logger.Level.WARNING, id + " did not stop within " + CLOSE_SECONDS + " s: " + e);
        }
    }

    private void begin(@Nullable Throwable failure) {
        Thread thread = new Thread(() -> run(failure), "raft-" + id + "-stop");
        thread.setDaemon(true);
        thread.start();
    }

    private void run(@Nullable Throwable failure) {
        try {
            stopInOrder();
        } catch (Throwable e) {
            stopped.completeExceptionally(failure == null ? e : failure);
        }
        snapshots.stop();
        if (failure == null && leftOpen.isEmpty()) {
            LOG.log(System.Logger.Level.INFO, id + " stopped");
            stopped.complete(null);
        } else if (failure == null) {
            stopped.completeExceptionally(
                    new IllegalStateException(id + " did not stop within " + THREADS_SECONDS + " s: " + leftOpen));
        } else {
            stopped.completeExceptionally(failure);
        }
    }

    private void stopInOrder() throws InterruptedException {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(THREADS_SECONDS);
        boolean raftEnded = threads.join(NodeThreads.RAFT, deadlineNanos);
        logWriter.finish();
        applyLoop.finish();
        boolean logEnded = threads.join(NodeThreads.LOG, deadlineNanos);
        boolean applyEnded = threads.join(NodeThreads.APPLY, deadlineNanos);
        boolean helpersEnded = threads.endHelpers(deadlineNanos);
        close("transport", transport, raftEnded && logEnded);
        close("state machine", stateMachine, applyEnded);
        close("log", log, logEnded && applyEnded && helpersEnded);
    }

    private void close(String name, AutoCloseable part, boolean unused) {
        if (!unused) {
            leftOpen.add("the " + name + " is still in use and stays open");
            return;
        }
        try {
            part.close();
        } catch (Exception e) {
            leftOpen.add("closing the " + name + " failed: " + e);
            LOG.log(System.Logger.Level.WARNING, id + " could not close its " + name, e);
        }
    }
}
