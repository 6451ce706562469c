package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.runtime.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A member that only remembers what its transport told it. */
class Recorder implements Transport.Listener {

    volatile long identity;

    final List<Message> messages = new CopyOnWriteArrayList<>();
    final List<NodeId> unreachable = new CopyOnWriteArrayList<>();
    final AtomicInteger openLeases = new AtomicInteger();
    volatile @Nullable Path snapshot;

    @Override
    public void onMessage(Message message) {
        messages.add(message);
    }

    @Override
    public void onUnreachable(NodeId peer) {
        unreachable.add(peer);
    }

    @Override
    public Transport.SnapshotLease openSnapshot(SnapshotMeta meta) throws IOException {
        Path directory = snapshot;
        if (directory == null) {
            throw new IOException("the snapshot at " + meta.lastIncluded() + " is gone");
        }
        openLeases.incrementAndGet();
        return new Transport.SnapshotLease() {
            @Override
            public Path directory() {
                return directory;
            }

            @Override
            public void close() {
                openLeases.decrementAndGet();
            }
        };
    }

    @Override
    public long identity() {
        return identity;
    }
}
