package dev.quorate.raft.log.rocksdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A directory that is ours and that nobody else has open. Nothing in it is touched before both are certain.
 */
final class StoreDirectory implements AutoCloseable {

    private static final String FORMAT_FILE = "FORMAT";
    private static final String FORMAT_DRAFT = "FORMAT.new";
    private static final String LOCK_FILE = "LOCK";
    private static final String FORMAT_NAME = "quorate raft log, format ";
    private static final int FORMAT = 1;

    /** What a crash during the first open can leave before FORMAT is there. */
    private static final Set<String> BEFORE_FORMAT = Set.of(LOCK_FILE, FORMAT_DRAFT);

    /**
     * What this process has open. A POSIX file lock does not exclude the process that holds it, and closing any channel of
     * the lock file would release it.
     */
    private static final Set<Path> OPEN_HERE = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel lockChannel;

    private StoreDirectory(Path path, FileChannel lockChannel) {
        this.path = path;
        this.lockChannel = lockChannel;
    }

    static StoreDirectory open(Path directory) throws IOException {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new IOException("the log directory " + directory + " is a file; name a directory");
        }
        if (Files.isDirectory(directory)) {
            requireOurs(directory);
        } else {
            Files.createDirectories(directory);
        }
        Path path = directory.toRealPath();
        if (!OPEN_HERE.add(path)) {
            throw inUse(path, "this process");
        }
        FileChannel lock = null;
        try {
            lock = lock(path);
            // Again, now that nobody else writes here.
            requireOurs(path);
            if (!Files.exists(path.resolve(FORMAT_FILE))) {
                writeFormat(path);
            }
            return new StoreDirectory(path, lock);
        } catch (IOException | RuntimeException e) {
            OPEN_HERE.remove(path);
            if (lock != null) {
                lock.close();
            }
            throw e;
        }
    }

    Path path() {
        return path;
    }

    Path database() {
        return path.resolve("db");
    }

    Path promises(long groupId) {
        return path.resolve("PROMISES-" + Long.toUnsignedString(groupId));
    }

    /** Where a damaged database is put; not where an earlier one is. */
    Path freeSetAside() {
        Path place = path.resolve("db.damaged");
        for (int number = 2; Files.exists(place); number++) {
            place = path.resolve("db.damaged-" + number);
        }
        return place;
    }

    Path damagedMark() {
        return path.resolve("DAMAGED");
    }

    Path acknowledgedMark() {
        return path.resolve("ACKNOWLEDGED");
    }

    private static void requireOurs(Path directory) throws IOException {
        Path formatFile = directory.resolve(FORMAT_FILE);
        if (!Files.exists(formatFile)) {
            try (Stream<Path> files = Files.list(directory)) {
                Path stranger = files.filter(file ->
                                !BEFORE_FORMAT.contains(file.getFileName().toString()))
                        .findAny()
                        .orElse(null);
                if (stranger != null) {
                    throw new IOException("the directory " + directory + " is not empty and holds no Raft log (it has "
                            + stranger.getFileName() + " and no " + FORMAT_FILE
                            + "); name an empty directory, or one that this store made");
                }
            }
            return;
        }
        String text = Files.readString(formatFile, StandardCharsets.ISO_8859_1).strip();
        if (!text.equals(FORMAT_NAME + FORMAT)) {
            String shown = text.length() > 80 ? text.substring(0, 80) + "…" : text;
            throw new IOException("the directory " + directory + " is of another format: its " + FORMAT_FILE + " says '"
                    + shown + "', and this version reads '" + FORMAT_NAME + FORMAT
                    + "'; start the version that wrote it");
        }
    }

    private static FileChannel lock(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(
                directory.resolve(LOCK_FILE),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
            if (lock == null) {
                throw inUse(
                        directory,
                        "process "
                                + Files.readString(directory.resolve(LOCK_FILE)).strip());
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
            return channel;
        } catch (OverlappingFileLockException e) {
            throw inUse(directory, "this process, through another class loader");
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
    }

    private static IOException inUse(Path directory, String who) {
        return new IOException("the log directory " + directory + " is in use by " + who
                + "; stop that one first, or name another directory");
    }

    private static void writeFormat(Path directory) throws IOException {
        Path draft = directory.resolve(FORMAT_DRAFT);
        try (FileChannel channel = FileChannel.open(
                draft, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap((FORMAT_NAME + FORMAT + "\n").getBytes(StandardCharsets.US_ASCII)));
            channel.force(true);
        }
        Files.move(draft, directory.resolve(FORMAT_FILE), StandardCopyOption.ATOMIC_MOVE);
        syncDirectory(directory);
        Path parent = directory.getParent();
        if (parent != null) {
            syncDirectory(parent);
        }
    }

    static void syncFile(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Makes the names in a directory durable: a file whose name is lost in a power failure is lost. */
    static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void close() {
        try {
            lockChannel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the lock of " + path + " could not be released", e);
        } finally {
            OPEN_HERE.remove(path);
        }
    }
}
