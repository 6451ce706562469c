package dev.quorate.raft.transport.netty;

import dev.quorate.raft.transport.netty.wire.Wire.SnapshotFile;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotManifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes the files of a snapshot that arrives: each whole, checked and synced before the next begins, so that after a lost
 * connection the transfer goes on at the file that it was in. One thread.
 */
final class SnapshotSink implements AutoCloseable {

    private final Path directory;
    /** Deepest first, as they must be synced: what a directory contains, before the directory. */
    private final TreeSet<Path> directories =
            new TreeSet<>(Comparator.comparingInt(Path::getNameCount).reversed().thenComparing(Path::compareTo));

    private @Nullable SnapshotManifest manifest;
    private int filesReceived;
    private long bytesOfWholeFiles;
    private @Nullable FileChannel file;
    private long fileBytes;
    private final CRC32C crc = new CRC32C();

    SnapshotSink(Path directory) {
        this.directory = directory.toAbsolutePath().normalize();
    }

    /** @throws IOException if the directory is not empty, or cannot be made */
    void prepare() throws IOException {
        Files.createDirectories(directory);
        try (DirectoryStream<Path> content = Files.newDirectoryStream(directory)) {
            if (content.iterator().hasNext()) {
                throw new IOException("the directory " + directory + " is not empty, and a snapshot needs one that is");
            }
        }
        directories.add(directory);
    }

    int filesReceived() {
        return filesReceived;
    }

    boolean hasBegun() {
        return manifest != null;
    }

    /** Takes the manifest of a connection; on every one after the first, it must be the same again. */
    void begin(SnapshotManifest announced) throws IOException {
        if (manifest == null) {
            SnapshotFiles.check(announced);
            manifest = announced;
        } else if (!manifest.equals(announced)) {
            throw new IOException("the sender's files changed between two connections");
        }
    }

    void chunk(byte[] bytes) throws IOException {
        SnapshotFile current = current();
        if (fileBytes + bytes.length > current.getSizeBytes()) {
            throw new IOException("file '" + current.getName() + "' has more than the announced "
                    + current.getSizeBytes() + " bytes");
        }
        FileChannel out = open(current);
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            out.write(rest);
        }
        crc.update(bytes);
        fileBytes += bytes.length;
    }

    void endFile(int expectedCrc) throws IOException {
        SnapshotFile current = current();
        if (fileBytes != current.getSizeBytes()) {
            throw new IOException("file '" + current.getName() + "' ended after " + fileBytes + " of "
                    + current.getSizeBytes() + " bytes");
        }
        if ((int) crc.getValue() != expectedCrc) {
            throw new IOException(String.format(
                    "file '%s' has checksum %08x here and %08x at the sender",
                    current.getName(), (int) crc.getValue(), expectedCrc));
        }
        try (FileChannel done = open(current)) {
            done.force(true);
        }
        bytesOfWholeFiles += fileBytes;
        filesReceived++;
        forgetFile();
    }

    /** Everything is there: makes the names durable too. */
    void end() throws IOException {
        if (manifest == null || filesReceived != manifest.getFilesCount()) {
            throw new IOException("the sender ended before it had sent all files");
        }
        for (Path made : directories) {
            try (FileChannel names = FileChannel.open(made, StandardOpenOption.READ)) {
                names.force(true);
            }
        }
    }

    /** The connection was lost: the file that was being written will come again from its start. */
    void dropUnfinishedFile() throws IOException {
        if (file != null) {
            file.close();
            Files.delete(pathOf(current()));
        }
        forgetFile();
    }

    private void forgetFile() {
        file = null;
        fileBytes = 0;
        crc.reset();
    }

    private SnapshotFile current() throws IOException {
        if (manifest == null) {
            throw new IOException("the sender sent a file before the manifest");
        }
        if (filesReceived == manifest.getFilesCount()) {
            throw new IOException("the sender sent more files than it announced");
        }
        return manifest.getFiles(filesReceived);
    }

    private FileChannel open(SnapshotFile current) throws IOException {
        if (file == null) {
            Path path = pathOf(current);
            makeDirectories(path);
            file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }
        return file;
    }

    private void makeDirectories(Path path) throws IOException {
        Path parent = path.getParent();
        if (parent == null || directories.contains(parent)) {
            return;
        }
        Files.createDirectories(parent);
        // Each new directory's name stands in the one above it, up to the one that was there before.
        Path made = parent;
        while (made != null && directories.add(made)) {
            made = made.getParent();
        }
    }

    /** Where a file goes. Its name was checked; that it stays inside is checked once more, where it counts. */
    private Path pathOf(SnapshotFile current) throws IOException {
        Path path = directory.resolve(current.getName()).normalize();
        if (!path.startsWith(directory)) {
            throw new IOException("file '" + Protocol.printable(current.getName()) + "' would leave " + directory);
        }
        return path;
    }

    /** How far this came, for an error's message. */
    String progress() {
        if (manifest == null) {
            return "before anything arrived";
        }
        return "after " + filesReceived + " of " + manifest.getFilesCount() + " files, "
                + (bytesOfWholeFiles + fileBytes) + " of " + SnapshotFiles.totalBytes(manifest) + " bytes";
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
