package dev.quorate.raft.runtime;

import dev.quorate.raft.model.Member;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** How one member of one group reaches the others. All methods may be called from any thread and never block. */
public interface Transport extends AutoCloseable {

    /** Begins to listen and to connect. Called once, before anything is sent. */
    void start(Listener listener) throws IOException;

    /** Who can be reached where, from now on, in this transport's notation; replaces what was known before. */
    void setPeers(Map<NodeId, String> addresses);

    /**
     * {@link #setPeers} with all that the membership says of them: also which disk each has, for a transport that tells its
     * peers apart by it. Called whenever the membership changes, when the change is appended. Those who left are named for a
     * while yet.
     */
    default void setMembers(Map<NodeId, Member> peers) {
        Map<NodeId, String> addresses = new TreeMap<>();
        peers.forEach((id, member) -> {
            if (!member.address().isEmpty()) {
                addresses.put(id, member.address());
            }
        });
        setPeers(addresses);
    }

    /**
     * Sends, or drops when there is no connection or its queue is full: messages may always be lost. Messages to one member
     * arrive in the order they were sent, except that heartbeats and votes may overtake entries.
     */
    void send(List<Message> messages);

    /**
     * Fetches a snapshot's files into an empty directory, over a connection of its own, at a limited rate. The files have
     * the content and the relative names they had at the sender, and are complete when the future is.
     *
     * @return completes exceptionally with an {@link IOException} if the peer does not have the snapshot, cannot be reached,
     *     or falls silent: it never hangs, because the member waits for it and does nothing else meanwhile; the directory
     *     may then hold anything
     */
    CompletableFuture<Void> fetchSnapshot(NodeId from, SnapshotMeta snapshot, Path directory);

    @Override
    void close();

    /** What a transport tells its member. Called on the transport's threads; implementations never block. */
    interface Listener {

        void onMessage(Message message);

        /** @param senderIdentity which disk the sender has, as it said when it connected; 0 if it did not say */
        default void onMessage(Message message, long senderIdentity) {
            onMessage(message);
        }

        /** Which disk this member has, for its peers to know; 0 if it is not known. */
        default long identity() {
            return 0;
        }

        /** Messages to this member were dropped, or the connection to it ended. */
        void onUnreachable(NodeId peer);

        /**
         * A peer wants a snapshot's files. Called on a thread that may block.
         *
         * @return the directory with the files, which stays as it is until the lease is closed
         * @throws IOException if this member does not have that snapshot (any more)
         */
        SnapshotLease openSnapshot(SnapshotMeta snapshot) throws IOException;
    }

    /** A snapshot that is kept while somebody reads it. */
    interface SnapshotLease extends AutoCloseable {
        Path directory();

        @Override
        void close();
    }
}
