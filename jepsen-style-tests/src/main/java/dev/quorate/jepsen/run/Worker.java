package dev.quorate.jepsen.run;

import dev.quorate.jepsen.client.ClusterClient;
import dev.quorate.jepsen.client.NodeClient;
import dev.quorate.jepsen.client.RunClock;
import dev.quorate.jepsen.history.Operation;
import dev.quorate.jepsen.history.Outcome;
import dev.quorate.jepsen.workload.Workload;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * One client: request after request, at a steady pace. It stays with a node for a while, and leaves one that fails: if all
 * clients went from node to node in turn, one paused node would soon hold all of them.
 */
final class Worker implements Runnable {

    private static final double MOVE_PROBABILITY = 0.05;

    /** A refused connection is refused in no time: without a pause, most of a history would be such refusals. */
    private static final long PAUSE_AFTER_FAILURE_NANOS = 50_000_000;

    private final int clients;
    private final Workload workload;
    private final List<NodeClient> nodes;
    private final RunClock clock;
    private final Recorder recorder;
    private final long intervalNanos;
    private final Random random;
    private int process;
    private volatile boolean stopped;

    /**
     * @param number of this client, from 0; and its first process
     * @param clients how many there are
     * @param intervalNanos from one request to the next, at least
     */
    Worker(
            int number,
            int clients,
            Workload workload,
            ClusterClient cluster,
            RunClock clock,
            Recorder recorder,
            long intervalNanos,
            long seed) {
        this.process = number;
        this.clients = clients;
        this.workload = workload;
        this.nodes = cluster.all();
        this.clock = clock;
        this.recorder = recorder;
        this.intervalNanos = intervalNanos;
        this.random = new Random(seed);
    }

    @Override
    public void run() {
        long dueNanos = clock.nowNanos() + (long) (random.nextDouble() * intervalNanos);
        int node = process % nodes.size();
        while (!stopped) {
            pauseUntil(dueNanos);
            Operation operation = nodes.get(node).execute(process, workload.next(random));
            recorder.add(operation);
            workload.learn(operation);
            if (operation.outcome() == Outcome.UNKNOWN) {
                // The request may still be running: a process has one at a time, so another goes on.
                process += clients;
            }
            boolean failed = operation.outcome() != Outcome.OK;
            if (failed || random.nextDouble() < MOVE_PROBABILITY) {
                node = random.nextInt(nodes.size());
            }
            // No catching up after a slow answer: a nemesis would be followed by a flood.
            dueNanos = Math.max(dueNanos + intervalNanos, clock.nowNanos() + (failed ? PAUSE_AFTER_FAILURE_NANOS : 0));
        }
    }

    private void pauseUntil(long dueNanos) {
        for (long left = dueNanos - clock.nowNanos(); left > 0 && !stopped; left = dueNanos - clock.nowNanos()) {
            LockSupport.parkNanos(left);
        }
    }

    void stop() {
        stopped = true;
    }
}
