package dev.quorate.raft.runtime;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Connects the nodes of one process, and can be cut: for tests, and for groups within one process. A message is delivered on
 * the sender's thread, before {@code send} returns; nothing is delayed or reordered. All methods may be called from any
 * thread.
 */
public final class InMemoryNetwork {

    private record Link(NodeId from, NodeId to) {}

    private final Map<NodeId, Transport.Listener> listeners = new ConcurrentHashMap<>();
    private final Set<Link> cut = ConcurrentHashMap.newKeySet();
    private final Set<NodeId> isolated = ConcurrentHashMap.newKeySet();

    /** A network without nodes. */
    public InMemoryNetwork() {}

    /** A new connection to this network for one life of a node. */
    public Transport transport(NodeId id) {
        return new InMemoryTransport(this, id);
    }

    /** From now on nothing gets from one to the other; the other way is as before. */
    public void cut(NodeId from, NodeId to) {
        cut.add(new Link(from, to));
    }

    /** From now on nothing gets to or from this node. */
    public void isolate(NodeId id) {
        isolated.add(id);
    }

    /** Undoes every {@link #cut} and {@link #isolate}. */
    public void heal() {
        cut.clear();
        isolated.clear();
    }

    void join(NodeId id, Transport.Listener listener) {
        if (listeners.putIfAbsent(id, listener) != null) {
            throw new IllegalStateException("a node " + id + " is on this network already; close it first");
        }
    }

    void leave(NodeId id, Transport.Listener listener) {
        listeners.remove(id, listener);
    }

    /** Null if the other one is not there, or cannot be reached. */
    Transport.@Nullable Listener listener(NodeId from, NodeId to) {
        boolean reachable = !isolated.contains(from) && !isolated.contains(to) && !cut.contains(new Link(from, to));
        return reachable ? listeners.get(to) : null;
    }

    /** False if it is lost. */
    boolean deliver(Message message) {
        Transport.Listener receiver = listener(message.from(), message.to());
        if (receiver != null) {
            Transport.Listener sender = listeners.get(message.from());
            receiver.onMessage(message, sender == null ? 0 : sender.identity());
        }
        return receiver != null;
    }
}
