package dev.quorate.raft.runtime;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What has arrived of a snapshot that is being fetched: one file for each content, named by its hash, as long as what there
 * is of it. So a transfer goes on at the byte where it was, after a lost connection and after a restart alike, from whichever
 * member and for whichever snapshot wants the same content. Nothing here is believed before its hash was computed again.
 *
 * <p>It never holds more than one snapshot's files: {@link #retain} drops the rest. One thread at a time.
 */
record SnapshotStaging(Path directory) {

    Path path(SnapshotFile file) {
        return directory.resolve(file.sha256());
    }

    /** How many bytes of the file are here, 0 to its size. */
    long bytesOf(SnapshotFile file) throws IOException {
        Path path = path(file);
        if (!Files.exists(path)) {
            return 0;
        }
        long bytes = Files.size(path);
        if (bytes > file.sizeBytes()) {
            Files.delete(path); // nothing that this content begins with
            return 0;
        }
        return bytes;
    }

    /** Makes room: only what these files need stays. */
    void retain(List<SnapshotFile> files) throws IOException {
        Set<String> wanted = files.stream().map(SnapshotFile::sha256).collect(Collectors.toSet());
        Files.createDirectories(directory);
        try (DirectoryStream<Path> staged = Files.newDirectoryStream(directory)) {
            for (Path file : staged) {
                if (!wanted.contains(file.getFileName().toString())) {
                    Files.delete(file);
                }
            }
        }
    }

    void clear() throws IOException {
        DurableFiles.deleteTree(directory);
    }
}
