package dev.quorate.raft.simulator.world;

import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** Puts into registers. In some seeds the registers survive a crash, as of their last flush; in the others they live in memory. */
final class RegisterWorkload implements Workload {

    private static final double FLUSHES = 0.1;

    private final World world;
    private final Map<NodeId, Image> flushed = new HashMap<>();
    private final Map<NodeId, SplitMix> randoms = new HashMap<>();

    RegisterWorkload(World world) {
        this.world = world;
    }

    @Override
    public Replica start(NodeId node, Membership initial) {
        boolean isDurable = world.swarm().core().durableStateMachine();
        RegisterStore store = new RegisterStore(
                new SnapshotMeta(EntryId.ZERO, initial),
                image -> flushed.put(node, image),
                () -> isDurable
                        && randoms.computeIfAbsent(node, id -> world.stream("flush " + id))
                                .chance(FLUSHES));
        Image survived = flushed.get(node);
        if (isDurable && survived != null) {
            store.restore(survived);
        }
        return store;
    }

    @Override
    public void wipe(NodeId node) {
        flushed.remove(node);
    }

    @Override
    public byte[] nextCommand(SplitMix random) {
        int key = random.below(RegisterStore.KEYS);
        int padding = random.below(world.swarm().load().maxPaddingBytes() + 1);
        return ByteBuffer.allocate(Integer.BYTES + padding).putInt(key).array();
    }

    @Override
    public int snapshotEveryEntries(int drawn) {
        return drawn;
    }

    @Override
    public void settled(Iterable<Replica> replicas) {}

    @Override
    public void close() {}
}
