package dev.quorate.raft.runtime;

import dev.quorate.raft.model.NodeId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A node's threads, all of them daemons with the node's name in theirs: three that run as long as the node, and two helpers
 * that exist only while they have something to do. The helpers are apart from each other so that a snapshot of gigabytes
 * never keeps a follower waiting for old entries.
 */
final class NodeThreads {

    /** The roles of the three that run as long as the node. */
    static final String RAFT = "raft";

    static final String LOG = "log";
    static final String APPLY = "apply";

    private static final long HELPER_IDLE_SECONDS = 5;

    private final class NodeThread extends Thread {
        NodeThread(Runnable target, String name) {
            super(target, name);
            setDaemon(true);
        }

        boolean belongsTo(NodeThreads threads) {
            return threads == NodeThreads.this;
        }
    }

    private final NodeId id;
    private final Fence fence;
    private final Map<String, Thread> started = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor fetch;
    private final ThreadPoolExecutor snapshot;

    NodeThreads(NodeId id, Fence fence) {
        this.id = id;
        this.fence = fence;
        this.fetch = helper("fetch");
        this.snapshot = helper("snapshot");
    }

    private ThreadPoolExecutor helper(String role) {
        // The core bounds what waits: one read for each follower, one snapshot to fetch; snapshots taken are rarer
        // still.
        // What comes while the node stops is dropped: nobody waits for it any more.
        ThreadPoolExecutor helper = new ThreadPoolExecutor(
                1,
                1,
                HELPER_IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                work -> new NodeThread(work, name(role)),
                new ThreadPoolExecutor.DiscardPolicy());
        helper.allowCoreThreadTimeOut(true);
        return helper;
    }

    private String name(String role) {
        return "raft-" + id + "-" + role;
    }

    /** Reads old entries. */
    Executor fetch() {
        return work -> fetch.execute(guarded(work, "reading the log for a follower failed"));
    }

    /** Moves snapshots. */
    Executor snapshot() {
        return work -> snapshot.execute(guarded(work, "the snapshot thread failed"));
    }

    private Runnable guarded(Runnable work, String what) {
        return () -> {
            try {
                work.run();
            } catch (Throwable e) {
                fence.stopNode(what, e);
            }
        };
    }

    void start(String role, Runnable loop) {
        Thread thread = new NodeThread(loop, name(role));
        started.put(role, thread);
        thread.start();
    }

    /** True on one of this node's threads, which must not wait for the node to stop. */
    boolean isCurrent() {
        return Thread.currentThread() instanceof NodeThread thread && thread.belongsTo(this);
    }

    /** Waits for the helpers to end what they are at; what waits is dropped. False if they did not by then. */
    boolean endHelpers(long deadlineNanos) throws InterruptedException {
        fetch.getQueue().clear();
        snapshot.getQueue().clear();
        fetch.shutdown();
        snapshot.shutdown();
        return fetch.awaitTermination(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)
                && snapshot.awaitTermination(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    /** Waits for a thread to end. False if it did not by then. */
    boolean join(String role, long deadlineNanos) throws InterruptedException {
        Thread thread = started.get(role);
        if (thread == null) {
            return true;
        }
        thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime())));
        return !thread.isAlive();
    }
}
