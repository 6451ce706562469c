package dev.quorate.raft.transport.netty;

/**
 * What a connection is for at the moment. Called on the connection's event loop only; a handler is replaced by {@link
 * FrameConnection#become}.
 */
interface FrameHandler {

    /** The connection stands; nothing was read yet. */
    default void onOpen(FrameConnection connection) {}

    /** The other side speaks this protocol, in a version that this side does not know. */
    default void onOtherVersion(FrameConnection connection, int version) {
        connection.close(
                "it speaks protocol version " + version + ", and this member version " + Protocol.VERSION, true);
    }

    /** @throws MalformedFrameException closes the connection */
    void onFrame(FrameConnection connection, Frame frame) throws MalformedFrameException;

    /** The socket takes more, or takes no more for now. */
    default void onWritabilityChanged(FrameConnection connection) {}

    /**
     * The connection ended. Called once, as the last of all.
     *
     * @param cause why, fit for a log line
     * @param violation whether this side ended it because the other broke the rules
     */
    void onClosed(FrameConnection connection, String cause, boolean violation);
}
