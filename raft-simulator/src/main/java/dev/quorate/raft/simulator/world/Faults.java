package dev.quorate.raft.simulator.world;

import dev.quorate.raft.model.Membership;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.Coverage.Situation;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/**
 * Troubles the cluster: crashes, partitions, pauses, clocks, slow disks, in an endless row until it is told to stop. Nothing
 * here knows what the cluster is doing, except that some faults aim at whoever leads.
 */
final class Faults {

    private enum Kind {
        CRASH,
        PARTITION,
        PAUSE,
        CLOCK_RATE,
        SUSPEND,
        ROT,
        SLOW_DISK,
        FAILING_SYNC
    }

    private record Link(int from, int to) {}

    private final World world;
    private final SplitMix random;
    private final Swarm.FaultPlan plan;
    private final Kind[] kinds;
    private boolean isStopped;
    private long count;

    Faults(World world) {
        this.world = world;
        this.random = world.stream("faults");
        this.plan = world.swarm().faults();
        List<Kind> enabled = new ArrayList<>();
        add(enabled, Kind.CRASH, plan.crashes());
        add(enabled, Kind.PARTITION, plan.partitions());
        add(enabled, Kind.PAUSE, plan.pauses());
        add(enabled, Kind.CLOCK_RATE, plan.clockRates());
        add(enabled, Kind.SUSPEND, world.swarm().reads().suspends());
        add(enabled, Kind.ROT, world.swarm().disk().rots());
        add(enabled, Kind.SLOW_DISK, plan.slowDisks());
        add(enabled, Kind.FAILING_SYNC, plan.failingSyncs());
        this.kinds = enabled.toArray(new Kind[0]);
    }

    private static void add(List<Kind> kinds, Kind kind, boolean isEnabled) {
        if (isEnabled) {
            kinds.add(kind);
        }
    }

    /** How many faults there were. */
    long count() {
        return count;
    }

    void start() {
        world.scheduler().after(random.exponential(plan.meanIntervalNanos()), () -> {
            if (!isStopped) {
                strike();
                start();
            }
        });
    }

    /** No new faults; those that last go on until somebody else ends them. */
    void stop() {
        isStopped = true;
    }

    private void strike() {
        count++;
        switch (kinds[random.below(kinds.length)]) {
            case CRASH -> crash();
            case PARTITION -> partition();
            case PAUSE -> victim().pause(pauseNanos());
            case SUSPEND -> victim().suspend(pauseNanos());
            case CLOCK_RATE -> clockRates();
            case ROT -> rot();
            case SLOW_DISK -> slowDisk();
            case FAILING_SYNC -> victim().disk().failNextSync();
        }
    }

    private long pauseNanos() {
        return random.exponential(Nanos.ofMillis(random.oneOf(50.0, 500.0, 1_500.0, 3_000.0)));
    }

    /** One clock goes wrong, or all of them: a slow leader and quick followers disagree most about who leads. */
    private void clockRates() {
        world.coverage().saw(Situation.CLOCK_RATE_CHANGED);
        SimulatedNode victim = victim();
        ReadPlan clocks = world.swarm().reads();
        if (random.chance(0.5)) {
            victim.setClockRate(clocks.anyRate(random));
            return;
        }
        for (int i = 0; i < world.nodeCount(); i++) {
            SimulatedNode node = world.node(i);
            node.setClockRate(clocks.rate(random, node == victim));
        }
    }

    /** Somebody; more often than by chance whoever leads, if this seed aims at leaders. */
    private SimulatedNode victim() {
        if (random.chance(plan.aimsAtLeader())) {
            for (int i = 0; i < world.nodeCount(); i++) {
                if (world.node(i).view().leads()) {
                    return world.node(i);
                }
            }
        }
        return world.node(random.below(world.nodeCount()));
    }

    private void crash() {
        int victims = random.chance(0.7) ? 1 : 1 + random.below(world.nodeCount());
        SimulatedNode first = victim();
        for (int i = 0; i < victims; i++) {
            SimulatedNode node = world.node((first.view().number() + i) % world.nodeCount());
            if (node.view().isUp()) {
                stopForAWhile(node);
            }
        }
    }

    /**
     * Somebody's log is damaged, if all others whose logs are whole are a quorum without it, in each membership that is in force
     * somewhere or comes by itself.
     */
    private void rot() {
        SimulatedNode victim = victim();
        if (world.operator().awaitsChange()) {
            return; // nobody knows yet what it will ask of whom
        }
        Cluster cluster = world.observer().cluster();
        for (Membership membership : cluster.membershipsInPlay()) {
            Predicate<NodeView> isWhole =
                    voter -> voter != victim.view() && !voter.isDamaged() && voter.isMeantBy(membership);
            if (!cluster.isQuorum(membership, isWhole)
                    || !cluster.isQuorum(Membership.of(membership.votersNext()), isWhole)) {
                return;
            }
        }
        victim.damage(random.chance(world.swarm().disk().rotsWholly()));
        startLater(victim);
    }

    /** A node dies, and is started again later. */
    void stopForAWhile(SimulatedNode node) {
        node.crash();
        startLater(node);
    }

    private void startLater(SimulatedNode node) {
        long downtime = random.exponential(Nanos.ofMillis(random.oneOf(20.0, 300.0, 2_000.0)));
        world.scheduler().after(downtime, () -> {
            if (!isStopped && !node.view().isUp()) {
                node.start();
            }
        });
    }

    private void slowDisk() {
        SimulatedNode node = victim();
        if (random.chance(0.4)) {
            node.disk().hang(random.exponential(Nanos.ofMillis(random.oneOf(300.0, 1_000.0, 5_000.0))));
            return;
        }
        node.disk().slowDown(random.between(5.0, 100.0));
        world.scheduler().after(random.exponential(2 * Nanos.PER_SECOND), () -> {
            if (!isStopped) {
                node.disk().slowDown(1);
            }
        });
    }

    private void partition() {
        List<Link> links = cutLinks();
        for (Link link : links) {
            world.network().cut(link.from(), link.to());
        }
        if (world.trace().isOn()) {
            world.trace().line(world.now(), "net", "cut: " + links);
        }
        world.scheduler().after(random.exponential(Nanos.ofMillis(random.oneOf(300.0, 1_000.0, 4_000.0))), () -> {
            if (isStopped) {
                return;
            }
            for (Link link : links) {
                world.network().join(link.from(), link.to());
            }
            if (world.trace().isOn()) {
                world.trace().line(world.now(), "net", "joined: " + links);
            }
        });
    }

    private List<Link> cutLinks() {
        int nodes = world.nodeCount();
        List<Link> links = new ArrayList<>();
        int one = victim().view().number();
        switch (random.below(5)) {
            case 0 -> { // one is alone
                cutBetween(links, one, other -> true, true, true);
            }
            case 1 -> { // one hears nothing
                world.coverage().saw(Situation.ONE_WAY_PARTITION);
                cutBetween(links, one, other -> true, false, true);
            }
            case 2 -> { // nobody hears one
                world.coverage().saw(Situation.ONE_WAY_PARTITION);
                cutBetween(links, one, other -> true, true, false);
            }
            case 3 -> { // two halves
                boolean[] side = new boolean[nodes];
                for (int i = 0; i < nodes; i++) {
                    side[i] = random.chance(0.5);
                }
                for (int i = 0; i < nodes; i++) {
                    int node = i;
                    cutBetween(links, i, other -> side[other] != side[node], true, false);
                }
            }
            default -> { // some links, each direction on its own: nobody has the same picture
                for (int i = 0; i < nodes; i++) {
                    cutBetween(links, i, other -> random.chance(0.3), true, false);
                }
            }
        }
        return links;
    }

    private void cutBetween(List<Link> links, int one, IntPredicate others, boolean outwards, boolean inwards) {
        for (int other = 0; other < world.nodeCount(); other++) {
            if (other != one && others.test(other)) {
                if (outwards) {
                    links.add(new Link(one, other));
                }
                if (inwards) {
                    links.add(new Link(other, one));
                }
            }
        }
    }
}
