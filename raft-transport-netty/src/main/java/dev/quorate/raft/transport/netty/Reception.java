package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.transport.netty.wire.Wire.Hello;
import org.jspecify.annotations.Nullable;

/** What the handshake of an inbound connection asks of the transport behind it. Called on event loops. */
interface Reception {

    /** Why this one cannot come in, null if it can. */
    @Nullable
    String faultOf(NodeId from, Hello hello);

    /** A peer wants to send messages. What is returned takes over the connection. */
    FrameHandler receiveMessages(NodeId from, Hello hello, FrameConnection connection);

    /** A peer wants to fetch a snapshot. What is returned takes over the connection. */
    FrameHandler serveSnapshot(NodeId to, FrameConnection connection);
}
