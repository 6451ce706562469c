package dev.quorate.kv.server;

import dev.quorate.kv.files.FileTrees;
import dev.quorate.kv.rpc.Identity;
import dev.quorate.kv.server.KvServerException.Reason;
import dev.quorate.raft.model.NodeId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A server's data directory, held by this process, and checked to be this member's. Nothing is changed in a directory that is
 * somebody else's.
 */
final class DataDirectory implements AutoCloseable {

    /** With less than this, a start would only end in a half-made log. */
    private static final long MIN_FREE_BYTES = 64L << 20;

    private static final String LOCK = "lock";
    private static final String IDENTITY = "identity";
    private static final String MEMBER = "member ";
    private static final String MEMBER_ID = "member id ";
    private static final String CLUSTER_ID = "cluster id ";
    private static final String DISK_ID = "disk id ";
    private static final String ORIGIN = "restored from ";
    private static final String NEW_IDENTITY = "identity.new";
    /** What a first start may leave behind if it is cut short, and what a new file system comes with. */
    private static final Set<String> BEFORE_IDENTITY = Set.of(LOCK, NEW_IDENTITY, "lost+found");

    private final Path path;
    private final FileChannel lock;

    private DataDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * Takes the directory into possession; makes it if it is missing, and writes the identity if it is empty.
     *
     * @throws KvServerException if it is in use, or not this member's; it is unchanged then
     * @throws IOException if it cannot be read or written
     */
    static DataDirectory open(Path path, Identity identity) throws KvServerException, IOException {
        return open(path, identity, "");
    }

    /** @param origin of a directory that begins with a backup, where it is empty; "" for one that begins with nothing */
    static DataDirectory open(Path path, Identity identity, String origin) throws KvServerException, IOException {
        requireOurs(path);
        Files.createDirectories(path);
        requireRoom(path);
        FileChannel lock = lock(path);
        boolean isDone = false;
        try {
            if (Files.exists(path.resolve(IDENTITY))) {
                requireSame(path, identity);
            } else {
                write(path, identity, origin);
            }
            isDone = true;
            return new DataDirectory(path, lock);
        } finally {
            if (!isDone) {
                lock.close();
            }
        }
    }

    Path log() {
        return path.resolve("log");
    }

    Path store() {
        return path.resolve("store");
    }

    /**
     * The store is ahead of a log that begins anew: it is made again from the newest snapshot and from what the other members
     * send. The old one stays, also beside those of earlier times: if more members are damaged than a group bears, it may be all
     * there is.
     */
    void setStoreAside() throws IOException {
        if (!Files.exists(store())) {
            return;
        }
        Path aside = path.resolve("store.damaged");
        for (int number = 2; Files.exists(aside); number++) {
            aside = path.resolve("store.damaged-" + number);
        }
        Files.move(store(), aside, StandardCopyOption.ATOMIC_MOVE);
        FileTrees.syncOne(path);
    }

    Path snapshots() {
        return path.resolve("snapshots");
    }

    /** Copies of the store, while clients fetch them. */
    Path backups() {
        return path.resolve("backups");
    }

    private static void requireOurs(Path path) throws KvServerException, IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> files = Files.list(path)) {
            List<String> names =
                    files.map(file -> file.getFileName().toString()).sorted().toList();
            if (!names.contains(IDENTITY) && !BEFORE_IDENTITY.containsAll(names)) {
                throw new KvServerException(
                        Reason.DIRECTORY_FOREIGN,
                        "the data directory " + path + " is not a server's: it has no file '" + IDENTITY
                                + "' but others, such as '" + names.get(0) + "'; choose an empty or a new directory");
            }
        } catch (NotDirectoryException e) {
            throw new KvServerException(
                    Reason.DIRECTORY_FOREIGN,
                    "the data directory " + path + " is a file; choose an empty or a new directory",
                    e);
        }
    }

    private static void requireRoom(Path path) throws KvServerException, IOException {
        long free = Files.getFileStore(path).getUsableSpace();
        if (free < MIN_FREE_BYTES) {
            throw new KvServerException(
                    Reason.DISK_FULL,
                    "the disk of the data directory " + path + " has " + (free >> 20) + " MiB left and a start needs "
                            + (MIN_FREE_BYTES >> 20) + " MiB; make room or choose another directory");
        }
    }

    private static FileChannel lock(Path path) throws KvServerException, IOException {
        FileChannel channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean isLocked = false;
        try {
            isLocked = channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // Another server of this process has it: in use, as below.
        } finally {
            if (!isLocked) {
                channel.close();
            }
        }
        if (!isLocked) {
            throw new KvServerException(
                    Reason.DIRECTORY_IN_USE,
                    "the data directory " + path
                            + " is in use by a running server; stop that one or choose another directory");
        }
        return channel;
    }

    private static void requireSame(Path path, Identity identity) throws KvServerException, IOException {
        List<String> found = Files.readAllLines(path.resolve(IDENTITY));
        List<String> expected = lines(identity);
        if (found.isEmpty() || !found.get(0).equals(expected.get(0))) {
            throw new KvServerException(
                    Reason.DATA_UNUSABLE,
                    "the data directory " + path + " has the format '" + (found.isEmpty() ? "" : found.get(0))
                            + "', and this version reads '" + expected.get(0) + "'");
        }
        if (found.size() < expected.size() || !found.get(1).equals(expected.get(1))) {
            throw new KvServerException(
                    Reason.IDENTITY_MISMATCH,
                    "the data directory " + path + " is of '" + (found.size() < 2 ? "" : found.get(1)) + "', not of '"
                            + expected.get(1) + "'; choose the right directory or the right name");
        }
        if (!found.subList(0, Math.min(found.size(), expected.size())).equals(expected)) {
            throw new KvServerException(
                    Reason.IDENTITY_MISMATCH,
                    "the data directory " + path + " is of another cluster (" + found.get(2) + ", and this is "
                            + expected.get(2)
                            + "): the initial cluster and the token must be those of its first start");
        }
    }

    /** Never 0, which stands for "not known". */
    private static long newDiskId() {
        return new SecureRandom().nextLong() | 1;
    }

    /** Whose directory this is, null if it is nobody's yet. */
    static @Nullable Identity owner(Path path) throws IOException, KvServerException {
        if (!Files.exists(path.resolve(IDENTITY))) {
            return null;
        }
        String member = null;
        String cluster = null;
        for (String line : Files.readAllLines(path.resolve(IDENTITY))) {
            if (line.startsWith(MEMBER) && !line.startsWith(MEMBER_ID)) {
                member = line.substring(MEMBER.length());
            } else if (line.startsWith(CLUSTER_ID)) {
                cluster = line.substring(CLUSTER_ID.length());
            }
        }
        if (member == null || cluster == null) {
            throw new KvServerException(
                    Reason.DATA_UNUSABLE, "the file '" + IDENTITY + "' in " + path + " is damaged; restore it");
        }
        return new Identity(Long.parseUnsignedLong(cluster, 16), NodeId.of(member));
    }

    /**
     * Which disk this is: drawn when the directory was new. The group knows its members by it: one that comes back with
     * another has lost its votes. 0 for a directory that is older than that.
     */
    long diskId() throws IOException {
        String id = said(DISK_ID, path);
        return id.isEmpty() ? 0 : Long.parseUnsignedLong(id, 16);
    }

    /** What the backup was that the cluster began with; "" if it began with nothing, or the directory is nobody's yet. */
    static String origin(Path path) throws IOException {
        return Files.exists(path.resolve(IDENTITY)) ? said(ORIGIN, path) : "";
    }

    private static String said(String label, Path path) throws IOException {
        return Files.readAllLines(path.resolve(IDENTITY)).stream()
                .filter(line -> line.startsWith(label))
                .map(line -> line.substring(label.length()))
                .findFirst()
                .orElse("");
    }

    private static List<String> lines(Identity identity) {
        return List.of(
                "quorate data format 1",
                MEMBER + identity.name(),
                CLUSTER_ID + String.format(Locale.ROOT, "%016x", identity.clusterId()),
                MEMBER_ID + String.format(Locale.ROOT, "%016x", identity.memberId()));
    }

    /** The file is there whole, or not at all, and stays. */
    private static void write(Path path, Identity identity, String origin) throws IOException {
        Path temporary = path.resolve(NEW_IDENTITY);
        List<String> lines = new ArrayList<>(lines(identity));
        lines.add(DISK_ID + String.format(Locale.ROOT, "%016x", newDiskId()));
        if (!origin.isEmpty()) {
            lines.add(ORIGIN + origin);
        }
        Files.write(temporary, lines);
        FileTrees.syncOne(temporary);
        Files.move(temporary, path.resolve(IDENTITY), StandardCopyOption.ATOMIC_MOVE);
        FileTrees.syncOne(path);
        FileTrees.syncOne(path.resolve("..")); // the directory itself may be new
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
