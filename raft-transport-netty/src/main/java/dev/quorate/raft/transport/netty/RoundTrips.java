package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.NodeId;

/** Is told how far away the others are. */
@FunctionalInterface
public interface RoundTrips {

    /**
     * A ping was answered; there is one per peer in a third of {@link NettyTransportOptions#idleTimeout}.
     *
     * @param nanos from the moment when it was handed to the socket until its answer was read here, so what waits before the network
     *     on either side is in it
     */
    void took(NodeId peer, long nanos);
}
