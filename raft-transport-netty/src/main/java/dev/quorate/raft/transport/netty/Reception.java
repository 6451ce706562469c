package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.NodeId;

/** What the handshake of an inbound connection asks of the transport behind it. Called on event loops. */
interface Reception {

    boolean isPeer(NodeId id);

    /** A peer wants to send messages. What is returned takes over the connection. */
    FrameHandler receiveMessages(NodeId from, FrameConnection connection);

    /** A peer wants to fetch a snapshot. What is returned takes over the connection. */
    FrameHandler serveSnapshot(NodeId to, FrameConnection connection);
}
