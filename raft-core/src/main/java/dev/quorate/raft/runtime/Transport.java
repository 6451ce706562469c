package dev.quorate.raft.runtime;

import dev.quorate.raft.model.Member;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.nio.ByteBuffer;
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
     * Fetches a snapshot from a member, over a connection of its own, at a rate that the sender limits. Each connection begins
     * with {@link SnapshotReceiver#begin}; then the parts that it asked for come, in their order. A lost connection may be
     * dialled again, within bounds; then that begins again too.
     *
     * @return completes when everything that was asked for has been handed to the receiver; exceptionally with an {@link
     *     IOException} if the peer does not have the snapshot, cannot be reached, or falls silent, or if the receiver threw.
     *     It never hangs, because the member waits for it and does nothing else meanwhile. The receiver is not called any
     *     more after it has completed
     */
    CompletableFuture<Void> fetchSnapshot(NodeId from, SnapshotMeta snapshot, SnapshotReceiver receiver);

    @Override
    void close();

    /** What a transport tells its member. Called on the transport's threads; implementations never block. */
    interface Listener {

        /** A message has come, from a peer whose disk is not known. */
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
         * @return the files, which stay as they are until the lease is closed
         * @throws IOException if this member does not have that snapshot (any more)
         */
        SnapshotLease openSnapshot(SnapshotMeta snapshot) throws IOException;
    }

    /** A snapshot that is kept while somebody reads it. */
    interface SnapshotLease extends AutoCloseable {

        /** Where its files are, by their names. */
        Path directory();

        /** All of its files, in the order of their names. */
        List<SnapshotFile> files();

        @Override
        void close();
    }

    /**
     * What is wanted of a file: everything from an offset on.
     *
     * @param file the place of the file in the sender's list, from 0
     * @param offset the first byte that is wanted, 0 to the file's size
     */
    record SnapshotPart(int file, long offset) {}

    /** Takes a snapshot in. Called by one thread at a time, which may block; what it throws ends the transfer. */
    interface SnapshotReceiver {

        /**
         * The sender has the snapshot, and will send from the beginning of what is asked for now: at each connection anew.
         *
         * @param files all files of the snapshot; the names have been checked, but come from the network
         * @return which of them to send, by their places in {@code files}, each at most once; nothing for what is here already
         */
        List<SnapshotPart> begin(List<SnapshotFile> files) throws IOException;

        /**
         * The next bytes of what was asked for, part after part, without a mark between them.
         *
         * @param bytes all of it is taken; not kept
         */
        void receive(ByteBuffer bytes) throws IOException;
    }
}
