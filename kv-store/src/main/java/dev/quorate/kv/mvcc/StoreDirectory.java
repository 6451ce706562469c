package dev.quorate.kv.mvcc;

import dev.quorate.kv.files.FileTrees;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the store's files are, and how they are exchanged for a snapshot's so that a crash leaves the old ones or the new.
 *
 * <pre>
 *   store        the store
 *   store.next   a snapshot's files being gathered; complete if and only if there is no "store"
 *   store.old    what was replaced
 * </pre>
 */
record StoreDirectory(Path path) {

    /** The name of the store's files within a snapshot. */
    static final String SNAPSHOT_NAME = "store";

    private static final String IMMUTABLE_SUFFIX = ".sst";

    private Path next() {
        return path.resolveSibling(path.getFileName() + ".next");
    }

    private Path old() {
        return path.resolveSibling(path.getFileName() + ".old");
    }

    /** Ends what a crash has interrupted. */
    void finishRestore() throws IOException {
        if (Files.exists(next())) {
            if (Files.exists(path)) {
                FileTrees.delete(next());
            } else {
                move(next(), path);
            }
        }
        FileTrees.delete(old());
    }

    /** Exchanges the files. The store must be closed. */
    void restore(Path snapshot) throws IOException {
        FileTrees.delete(next());
        FileTrees.delete(old());
        Path source = snapshot.resolve(SNAPSHOT_NAME);
        if (!Files.isDirectory(source)) {
            throw new IOException("the snapshot " + snapshot + " has no directory '" + SNAPSHOT_NAME + "'");
        }
        Files.createDirectories(next());
        for (Path file : list(source)) {
            bring(file, next().resolve(file.getFileName()));
        }
        FileTrees.sync(next());
        move(path, old());
        move(next(), path);
        FileTrees.delete(old());
    }

    /** Table files never change, so one more name for them is enough; RocksDB writes to the others. */
    private static void bring(Path file, Path to) throws IOException {
        if (file.getFileName().toString().endsWith(IMMUTABLE_SUFFIX)) {
            try {
                Files.createLink(to, file);
                return;
            } catch (UnsupportedOperationException | FileSystemException e) {
                // Another file system, or one without links: copy.
            }
        }
        Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        FileTrees.syncOne(to.resolveSibling("."));
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }
}
