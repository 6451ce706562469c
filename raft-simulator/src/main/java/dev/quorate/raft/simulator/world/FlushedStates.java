package dev.quorate.raft.simulator.world;

import dev.quorate.raft.model.NodeId;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** What of the nodes' state machines survives a crash: in some seeds the state as of the last flush, in the others nothing. */
final class FlushedStates {

    private static final double FLUSHES = 0.1;

    private final World world;
    private final Map<NodeId, Image> flushed = new HashMap<>();
    private final Map<NodeId, SplitMix> randoms = new HashMap<>();

    FlushedStates(World world) {
        this.world = world;
    }

    /**
     * The state machine of a new life.
     *
     * @param empty makes one; it is told how to flush, and asks after each batch whether it should
     */
    Replica start(NodeId node, BiFunction<Consumer<Image>, BooleanSupplier, Replica> empty) {
        boolean isDurable = world.swarm().core().durableStateMachine();
        Replica replica = empty.apply(
                image -> flushed.put(node, image),
                () -> isDurable
                        && randoms.computeIfAbsent(node, id -> world.stream("flush " + id))
                                .chance(FLUSHES));
        Image survived = flushed.get(node);
        if (isDurable && survived != null) {
            replica.restore(survived);
        }
        return replica;
    }

    void wipe(NodeId node) {
        flushed.remove(node);
    }
}
