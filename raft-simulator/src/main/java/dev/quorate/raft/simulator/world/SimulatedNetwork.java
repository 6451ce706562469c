package dev.quorate.raft.simulator.world;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.simulator.observe.Cluster;
import java.util.Arrays;

/**
 * Carries messages between nodes: loses, delays, repeats and reorders them, and cuts links, each direction on its own. What
 * was sent before a cut or a crash may still arrive long after it.
 */
final class SimulatedNetwork {

    private static final long LEAST_DELAY_NANOS = 50_000;
    private static final long MAX_UNSENT_NANOS = 300 * Nanos.PER_MILLI;
    private static final long MAX_STRAGGLING_NANOS = 3 * Nanos.PER_SECOND;

    private final World world;
    private final Scheduler scheduler;
    private final SplitMix random;
    private final Cluster cluster;
    /** How many faults cut the link from one node to another. */
    private final int[][] cuts;
    /** When the last message of each link arrives, for links that keep the order. */
    private final long[][] lastArrival;

    /** What each node sent in this stretch of time, from exclusive and to inclusive, was still in its own buffers when it crashed. */
    private final long[] lostFrom;

    private final long[] lostTo;
    private Swarm.NetworkPlan plan;
    private final long[] sent;

    SimulatedNetwork(World world) {
        this.world = world;
        this.scheduler = world.scheduler();
        this.random = world.stream("network");
        this.cluster = world.observer().cluster();
        this.plan = world.swarm().network();
        int count = cluster.nodes().size();
        cuts = new int[count][count];
        lastArrival = new long[count][count];
        sent = new long[count];
        lostFrom = new long[count];
        lostTo = new long[count];
        Arrays.fill(lostTo, -1);
    }

    /** How many messages a node has handed over to be sent. */
    long sentBy(int node) {
        return sent[node];
    }

    void send(int from, Message message) {
        sent[from]++;
        int to = cluster.node(message.to()).number();
        if (cuts[from][to] > 0) {
            trace(message, "is cut off");
            tellSender(from, message);
            return;
        }
        if (random.chance(plan.loss())) {
            trace(message, "is lost");
            return;
        }
        deliverLater(from, to, message);
        if (random.chance(plan.duplication())) {
            deliverLater(from, to, message);
        }
    }

    private void deliverLater(int from, int to, Message message) {
        long delay = LEAST_DELAY_NANOS + random.exponential(plan.meanDelayNanos());
        if (random.chance(plan.straggling())) {
            delay += random.between(0, MAX_STRAGGLING_NANOS);
        }
        if (plan.inOrder()) {
            long arrival = Math.max(scheduler.now() + delay, lastArrival[from][to] + 1);
            lastArrival[from][to] = arrival;
            delay = arrival - scheduler.now();
        }
        long sentAt = scheduler.now();
        long identity = world.node(from).view().identity();
        scheduler.after(delay, () -> {
            if (sentAt <= lostFrom[from] || sentAt > lostTo[from]) {
                world.node(to).receive(message, identity);
            }
        });
    }

    private void tellSender(int from, Message message) {
        if (random.chance(plan.tellsUnreachable())) {
            scheduler.after(LEAST_DELAY_NANOS, () -> world.node(from).unreachable(message.to()));
        }
    }

    /** A node crashed: with some luck, what it sent last never left its host. */
    void crashed(int node) {
        if (random.chance(0.5)) {
            lostTo[node] = scheduler.now();
            lostFrom[node] = scheduler.now() - random.between(0, MAX_UNSENT_NANOS);
        }
    }

    /** One more reason why nothing gets from one node to another. */
    void cut(int from, int to) {
        cuts[from][to]++;
    }

    /** One reason less. */
    void join(int from, int to) {
        cuts[from][to]--;
    }

    /** Becomes quick and reliable, with every link whole. What is under way arrives as late as it was to. */
    void heal(long meanDelayNanos) {
        for (int[] links : cuts) {
            Arrays.fill(links, 0);
        }
        plan = new Swarm.NetworkPlan(
                Math.min(plan.meanDelayNanos(), meanDelayNanos), 0, 0, 0, plan.inOrder(), plan.tellsUnreachable());
    }

    /** True if messages get through in both directions. */
    boolean connects(SimulatedNode one, SimulatedNode other) {
        int a = one.view().number();
        int b = other.view().number();
        return cuts[a][b] == 0 && cuts[b][a] == 0;
    }

    private void trace(Message message, String what) {
        if (world.trace().isOn()) {
            world.trace().line(scheduler.now(), message.from(), MessageText.of(message) + " " + what);
        }
    }
}
