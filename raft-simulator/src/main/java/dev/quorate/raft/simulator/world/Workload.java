package dev.quorate.raft.simulator.world;

import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;

/** What a simulated cluster replicates, and what its clients ask of it. One for each seed. */
public interface Workload extends AutoCloseable {

    /**
     * A new life of a node begins: its state machine, as it is before a snapshot is restored.
     *
     * @param initial what the node was told of its group before the first entry
     */
    Replica start(NodeId node, Membership initial);

    /** A node, which is down, has lost its disk. */
    void wipe(NodeId node);

    /** What a client proposes. */
    byte[] nextCommand(SplitMix random);

    /**
     * After how many entries a snapshot is taken, 0 for never.
     *
     * @param drawn what this seed has drawn for its drivers
     */
    int snapshotEveryEntries(int drawn);

    /** The nodes live. */
    default void begin() {}

    /** No client begins anything new. */
    default void stop() {}

    /** Called when the cluster has settled: a place for checks that are too dear to make often. */
    void settled(Iterable<Replica> replicas);

    @Override
    void close();
}
