package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.runtime.Transport;
import java.io.IOException;

/** The member's {@link Transport.Listener}, behind a wall: a fault there must not end a connection or an event loop. */
final class Callbacks {

    private final Transport.Listener listener;
    private final PeerLog log;
    private volatile boolean closed;

    Callbacks(Transport.Listener listener, PeerLog log) {
        this.listener = listener;
        this.log = log;
    }

    /** From now on the member hears nothing more. */
    void close() {
        closed = true;
    }

    void message(Message message, long senderIdentity) {
        if (closed) {
            return;
        }
        try {
            listener.onMessage(message, senderIdentity);
        } catch (RuntimeException e) {
            log.bug("the member threw at a message from " + message.from() + ", which is lost", e);
        }
    }

    void unreachable(NodeId peer) {
        if (closed) {
            return;
        }
        try {
            listener.onUnreachable(peer);
        } catch (RuntimeException e) {
            log.bug("the member threw at the news that " + peer + " is unreachable", e);
        }
    }

    Transport.SnapshotLease openSnapshot(SnapshotMeta snapshot) throws IOException {
        if (closed) {
            throw new IOException("this member is stopping");
        }
        try {
            return listener.openSnapshot(snapshot);
        } catch (RuntimeException e) {
            log.bug("the member threw when asked for the snapshot at " + snapshot.lastIncluded(), e);
            throw new IOException("the member failed to open the snapshot: " + e, e);
        }
    }
}
