package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.runtime.SnapshotFile;
import dev.quorate.raft.runtime.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A member that only remembers what its transport told it. */
class Recorder implements Transport.Listener {

    /** How far away a peer was once. */
    record RoundTrip(NodeId peer, long nanos) {}

    volatile long identity;

    final List<Message> messages = new CopyOnWriteArrayList<>();
    final List<NodeId> unreachable = new CopyOnWriteArrayList<>();
    final List<RoundTrip> roundTrips = new CopyOnWriteArrayList<>();
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
        List<SnapshotFile> files = filesOf(directory);
        openLeases.incrementAndGet();
        return new Transport.SnapshotLease() {
            @Override
            public Path directory() {
                return directory;
            }

            @Override
            public List<SnapshotFile> files() {
                return files;
            }

            @Override
            public void close() {
                openLeases.decrementAndGet();
            }
        };
    }

    private static List<SnapshotFile> filesOf(Path directory) throws IOException {
        List<SnapshotFile> files = new ArrayList<>();
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path file : tree.filter(Files::isRegularFile).sorted().toList()) {
                String name = directory.relativize(file).toString().replace('\\', '/');
                files.add(new SnapshotFile(name, Files.size(file), "5".repeat(64)));
            }
        }
        return files;
    }

    @Override
    public long identity() {
        return identity;
    }
}
