package dev.quorate.raft.runtime;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** One node's end of an {@link InMemoryNetwork}. It finds the others by their names; addresses mean nothing to it. */
final class InMemoryTransport implements Transport {

    private static final int CHUNK_BYTES = 64 << 10;

    private final InMemoryNetwork network;
    private final NodeId id;
    /** Whose loss was reported: once, as for a connection that ends, not for each message. */
    private final Set<NodeId> lost = ConcurrentHashMap.newKeySet();

    private volatile @Nullable Listener listener;

    InMemoryTransport(InMemoryNetwork network, NodeId id) {
        this.network = network;
        this.id = id;
    }

    @Override
    public void start(Listener started) {
        listener = started;
        network.join(id, started);
    }

    @Override
    public void setPeers(Map<NodeId, String> addresses) {}

    @Override
    public void send(List<Message> messages) {
        Listener own = listener;
        if (own == null) {
            return;
        }
        for (Message message : messages) {
            if (network.deliver(message)) {
                lost.remove(message.to());
            } else if (lost.add(message.to())) {
                own.onUnreachable(message.to());
            }
        }
    }

    @Override
    public CompletableFuture<Void> fetchSnapshot(NodeId from, SnapshotMeta snapshot, SnapshotReceiver receiver) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread copier = new Thread(
                () -> {
                    try {
                        copy(from, snapshot, receiver);
                        done.complete(null);
                    } catch (Throwable e) {
                        done.completeExceptionally(e);
                    }
                },
                "raft-" + id + "-copy");
        copier.setDaemon(true);
        copier.start();
        return done;
    }

    private void copy(NodeId from, SnapshotMeta snapshot, SnapshotReceiver receiver) throws IOException {
        try (SnapshotLease lease = reach(from).openSnapshot(snapshot)) {
            ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
            for (SnapshotPart part : receiver.begin(lease.files())) {
                Path file =
                        lease.directory().resolve(lease.files().get(part.file()).name());
                try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
                    in.position(part.offset());
                    while (in.read(buffer.clear()) >= 0) {
                        reach(from);
                        receiver.receive(buffer.flip());
                    }
                }
            }
        }
    }

    private Listener reach(NodeId peer) throws IOException {
        Listener listening = network.listener(id, peer);
        if (listening == null || network.listener(peer, id) == null) {
            throw new IOException(peer + " cannot be reached from " + id);
        }
        return listening;
    }

    @Override
    public void close() {
        Listener own = listener;
        if (own != null) {
            listener = null;
            network.leave(id, own);
        }
    }
}
