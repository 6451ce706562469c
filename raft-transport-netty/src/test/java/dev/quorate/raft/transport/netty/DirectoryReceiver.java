package dev.quorate.raft.transport.netty;

import dev.quorate.raft.runtime.SnapshotFile;
import dev.quorate.raft.runtime.Transport.SnapshotPart;
import dev.quorate.raft.runtime.Transport.SnapshotReceiver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes what arrives to a directory, and asks for what is not there yet, byte by byte. */
final class DirectoryReceiver implements SnapshotReceiver {

    private final Path directory;
    private final ArrayDeque<SnapshotFile> awaited = new ArrayDeque<>();
    /** What was asked for at each connection. */
    final List<List<SnapshotPart>> asked = new CopyOnWriteArrayList<>();

    DirectoryReceiver(Path directory) {
        this.directory = directory;
    }

    @Override
    public List<SnapshotPart> begin(List<SnapshotFile> files) throws IOException {
        awaited.clear();
        List<SnapshotPart> parts = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            SnapshotFile file = files.get(i);
            Path path = directory.resolve(file.name());
            Files.createDirectories(path.getParent());
            if (!Files.exists(path)) {
                Files.createFile(path);
            }
            if (Files.size(path) < file.sizeBytes()) {
                parts.add(new SnapshotPart(i, Files.size(path)));
                awaited.add(file);
            }
        }
        asked.add(parts);
        return parts;
    }

    @Override
    public void receive(ByteBuffer bytes) throws IOException {
        SnapshotFile file = awaited.element();
        Path path = directory.resolve(file.name());
        try (FileChannel out = FileChannel.open(path, StandardOpenOption.APPEND)) {
            out.write(bytes);
            if (out.size() == file.sizeBytes()) {
                awaited.remove();
            }
        }
    }
}
