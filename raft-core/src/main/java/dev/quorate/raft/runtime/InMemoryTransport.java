package dev.quorate.raft.runtime;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** One node's end of an {@link InMemoryNetwork}. It finds the others by their names; addresses mean nothing to it. */
final class InMemoryTransport implements Transport {

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
    public CompletableFuture<Void> fetchSnapshot(NodeId from, SnapshotMeta snapshot, Path directory) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread copier = new Thread(
                () -> {
                    try {
                        copy(from, snapshot, directory);
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

    private void copy(NodeId from, SnapshotMeta snapshot, Path directory) throws IOException {
        Listener peer = network.listener(id, from);
        if (peer == null || network.listener(from, id) == null) {
            throw new IOException(from + " cannot be reached from " + id);
        }
        try (SnapshotLease lease = peer.openSnapshot(snapshot)) {
            for (Path file : DurableFiles.filesBelow(lease.directory())) {
                Path target =
                        directory.resolve(lease.directory().relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
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
