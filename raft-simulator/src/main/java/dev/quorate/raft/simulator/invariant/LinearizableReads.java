package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.NodeView;

/**
 * I12: a linearizable read that begins at some instant sees everything that any client was told before that instant, by an
 * acknowledged write or by another read. The state is a prefix of one log, so one number says what is known: no search is
 * needed.
 */
public final class LinearizableReads extends Invariant {

    private long knownToClients;

    public LinearizableReads(Cluster cluster) {
        super(cluster);
    }

    /** An operation begins. Hand the answer back when it ends. */
    public long begins() {
        return knownToClients;
    }

    /**
     * A read is answered.
     *
     * @param knownAtBegin what {@link #begins} said
     * @param readIndex the index that the core named for it
     * @param appliedIndex what the state machine that answers has applied
     */
    public void readAnswered(NodeView node, long knownAtBegin, long readIndex, long appliedIndex) {
        require(
                appliedIndex >= knownAtBegin,
                node,
                "serves a read from index " + appliedIndex + ", but index " + knownAtBegin
                        + " was known to a client before the read began");
        weakerReadAnswered(node, readIndex, appliedIndex);
    }

    /** A read that may miss something is answered. What it saw is committed all the same, and known from now on. */
    public void weakerReadAnswered(NodeView node, long readIndex, long appliedIndex) {
        require(
                appliedIndex >= readIndex,
                node,
                "serves a read of index " + readIndex + " from a state at index " + appliedIndex);
        knownToClients = Math.max(knownToClients, appliedIndex);
    }

    /** A write is acknowledged: it took its place at this index. */
    public void writeAcknowledged(NodeView node, long knownAtBegin, long index) {
        require(
                index > knownAtBegin,
                node,
                "acknowledges a write at index " + index + ", but index " + knownAtBegin
                        + " was known to a client before the write began");
        knownToClients = Math.max(knownToClients, index);
    }
}
