package dev.quorate.raft.transport.netty;

/** What a peer sent breaks the protocol. The connection that it came on is closed; nothing else is touched. */
final class MalformedFrameException extends Exception {

    private static final long serialVersionUID = 1L;

    MalformedFrameException(String message) {
        // No stack trace: random bytes at an open port must cost little.
        super(message, null, false, false);
    }
}
