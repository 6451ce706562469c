package dev.quorate.raft.simulator.world;

import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.nio.ByteBuffer;

/** Puts into registers. */
final class RegisterWorkload implements Workload {

    private final World world;
    private final FlushedStates states;

    RegisterWorkload(World world) {
        this.world = world;
        this.states = new FlushedStates(world);
    }

    @Override
    public Replica start(NodeId node, Membership initial) {
        return states.start(
                node, (flush, mayFlush) -> new RegisterStore(new SnapshotMeta(EntryId.ZERO, initial), flush, mayFlush));
    }

    @Override
    public void wipe(NodeId node) {
        states.wipe(node);
    }

    @Override
    public byte[] nextCommand(SplitMix random) {
        return nextPut(world, random);
    }

    static byte[] nextPut(World world, SplitMix random) {
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
