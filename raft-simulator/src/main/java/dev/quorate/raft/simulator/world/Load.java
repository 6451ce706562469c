package dev.quorate.raft.simulator.world;

import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.ReadConsistency;
import dev.quorate.raft.simulator.world.Operation.Outcome;
import java.util.ArrayList;
import java.util.List;

/**
 * Clients that ask one thing after the other, each at a node of its choice; and a crowd whose reads come at any node at any time,
 * whether earlier ones were answered or not: it is they who reach a deposed leader that does not know it yet.
 */
final class Load {

    /** How much longer a client thinks that was refused: without it, most of what it asks would be asked of no leader. */
    private static final int PATIENCE = 4;

    private final World world;
    private final SplitMix random;
    private final SplitMix consistencies;
    private final Swarm.LoadPlan plan;
    private boolean isStopped;

    Load(World world) {
        this.world = world;
        this.random = world.stream("load");
        this.consistencies = world.stream("consistencies");
        this.plan = world.swarm().load();
    }

    void start() {
        for (int i = 0; i < plan.clients(); i++) {
            think(i, plan.meanThinkNanos());
        }
        if (plan.meanCrowdNanos() > 0) {
            readFromTheCrowd();
        }
    }

    private void readFromTheCrowd() {
        world.scheduler().after(random.exponential(plan.meanCrowdNanos()), () -> {
            if (!isStopped) {
                world.clients().read(world.node(random.below(world.nodeCount())), consistency(), () -> {});
                readFromTheCrowd();
            }
        });
    }

    private ReadConsistency consistency() {
        return world.swarm().reads().consistency(consistencies);
    }

    /** No client begins anything new. */
    void stop() {
        isStopped = true;
    }

    private void think(int client, long meanNanos) {
        world.scheduler().after(random.exponential(meanNanos), () -> {
            if (!isStopped) {
                act(client);
            }
        });
    }

    private void act(int client) {
        SimulatedNode node = choose(client);
        Turn turn = new Turn(client);
        if (random.chance(plan.reads())) {
            turn.operations.add(world.clients().read(node, consistency(), turn::operationEnded));
        } else {
            int count = 1 + random.below(plan.maxBatch());
            turn.operations.addAll(world.clients().put(node, count, turn::operationEnded));
        }
        turn.hasBegun = true;
        turn.operationEnded();
        if (!turn.isOver()) {
            world.scheduler().after(plan.clientTimeoutNanos(), () -> turn.operations.forEach(world.clients()::giveUp));
        }
    }

    /** What one client asks at once. Operations may end while they begin, as when their node is down. */
    private final class Turn {
        final List<Operation> operations = new ArrayList<>();
        private final int client;
        boolean hasBegun;

        Turn(int client) {
            this.client = client;
        }

        boolean isOver() {
            return operations.stream().noneMatch(operation -> operation.outcome == Outcome.PENDING);
        }

        void operationEnded() {
            if (hasBegun && isOver()) {
                boolean wasRefused = operations.stream().anyMatch(operation -> operation.outcome == Outcome.FAILED);
                think(client, wasRefused ? PATIENCE * plan.meanThinkNanos() : plan.meanThinkNanos());
            }
        }
    }

    /** Mostly the node that this client is connected to, or the leader that it names; now and then any. */
    private SimulatedNode choose(int client) {
        int number = random.chance(0.1) ? random.below(world.nodeCount()) : client % world.nodeCount();
        SimulatedNode node = world.node(number);
        for (int i = 1; i < world.nodeCount() && isStranger(node); i++) {
            node = world.node((number + i) % world.nodeCount());
        }
        RaftStatus status = node.view().status();
        if (status != null && status.leader() != null && random.chance(plan.sticksToLeader())) {
            return world.node(status.leader());
        }
        return node;
    }

    /** Whoever knows that it belongs to no group has no clients. */
    private static boolean isStranger(SimulatedNode node) {
        RaftStatus status = node.view().status();
        return status != null && !status.membership().contains(node.view().id());
    }
}
