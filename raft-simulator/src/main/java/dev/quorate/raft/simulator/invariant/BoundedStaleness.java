package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.Map;
import java.util.TreeMap;

/** A read of bounded staleness sees everything that any client was told longer ago than its bound. */
public final class BoundedStaleness extends Invariant {

    private final TreeMap<Long, Long> knownSince = new TreeMap<>();

    public BoundedStaleness(Cluster cluster) {
        super(cluster);
    }

    /** From this instant on clients know of everything up to this index. Instants do not go back. */
    public void known(long atNanos, long index) {
        if (index > knownAt(atNanos)) {
            knownSince.put(atNanos, index);
        }
    }

    private long knownAt(long nanos) {
        Map.Entry<Long, Long> newest = knownSince.floorEntry(nanos);
        return newest == null ? 0 : newest.getValue();
    }

    /**
     * A read is answered.
     *
     * @param freshAsOfNanos the bound before it was asked, as the clock of the member that answers has counted
     */
    public void readAnswered(NodeView node, long freshAsOfNanos, long appliedIndex) {
        long known = knownAt(freshAsOfNanos);
        require(
                appliedIndex >= known,
                node,
                "serves a read from index " + appliedIndex + " that must be fresh as of " + freshAsOfNanos
                        + " ns, when clients knew index " + known);
    }
}
