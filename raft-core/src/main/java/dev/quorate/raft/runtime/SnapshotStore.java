package dev.quorate.raft.runtime;

import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots on this node's disk.
 *
 * <pre>
 *   snapshots/
 *     1200-3/          index 1200, term 3
 *       manifest       written last; without it this is no snapshot
 *       files/         as the state machine wrote them; never changed
 *     incoming/        what has arrived of a snapshot that is being fetched ({@link SnapshotStaging})
 *     tmp-0/           being written, or a scratch copy; swept away at the next start
 * </pre>
 *
 * A snapshot is written under a temporary name, synced, and renamed; then the directory is synced: whatever has its final
 * name is whole (the log is compacted on the strength of it). The newest stays, older ones go when nobody reads them. All
 * methods may be called from any thread; {@link #commit} by one at a time.
 */
final class SnapshotStore {

    private static final System.Logger LOG = System.getLogger(RaftNode.class.getName());
    private static final String MANIFEST = "manifest";
    private static final String FILES = "files";
    private static final String INCOMING = "incoming";
    private static final String TEMPORARY = "tmp-";

    /**
     * How long a snapshot that somebody was fetching stays although a newer one is there: long enough for a receiver that
     * lost its connection, or was restarted, to go on where it was. Only the last one that was fetched stays.
     */
    static final long LINGER_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** A snapshot's directory while it is being filled. */
    record Draft(Path root) {
        /** Where the files go. */
        Path files() {
            return root.resolve(FILES);
        }
    }

    private static final class Stored {
        final SnapshotManifest manifest;
        final Path root;
        int leases;

        Stored(SnapshotManifest manifest, Path root) {
            this.manifest = manifest;
            this.root = root;
        }

        SnapshotMeta meta() {
            return manifest.meta();
        }

        Path path(SnapshotFile file) {
            return root.resolve(FILES).resolve(file.name());
        }
    }

    private final Path directory;
    private final SnapshotStaging staging;
    private final LongSupplier nanoClock;
    /** By index. Guarded by this, as all below. */
    private final TreeMap<Long, Stored> stored = new TreeMap<>();

    private long temporaries;
    private @Nullable Stored lingering;
    private long lingersUntilNanos;
    /** Contents whose copy here turned out to be damaged. */
    private final Set<String> distrusted = new HashSet<>();

    private SnapshotStore(Path directory, LongSupplier nanoClock) {
        this.directory = directory;
        this.staging = new SnapshotStaging(directory.resolve(INCOMING));
        this.nanoClock = nanoClock;
    }

    /**
     * Opens the store, creates it if it is not there, and sweeps away what was never finished.
     *
     * @param nodeDirectory the node's directory; the store is the folder {@code snapshots} in it
     */
    static SnapshotStore open(Path nodeDirectory) throws IOException {
        return open(nodeDirectory, System::nanoTime);
    }

    static SnapshotStore open(Path nodeDirectory, LongSupplier nanoClock) throws IOException {
        Path directory = nodeDirectory.resolve("snapshots");
        Files.createDirectories(directory);
        SnapshotStore store = new SnapshotStore(directory, nanoClock);
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
            for (Path child : children) {
                String name = child.getFileName().toString();
                if (name.startsWith(TEMPORARY)) {
                    DurableFiles.deleteTree(child);
                } else if (!name.equals(INCOMING)) {
                    store.load(child);
                }
            }
        }
        store.prune();
        return store;
    }

    private synchronized void load(Path root) {
        try {
            SnapshotManifest manifest = SnapshotManifest.read(root.resolve(MANIFEST));
            manifest.verify(root.resolve(FILES));
            stored.put(manifest.meta().index(), new Stored(manifest, root));
        } catch (IOException | IllegalArgumentException e) {
            // Left in place for the operator. If the node cannot start without it, the start says so.
            LOG.log(System.Logger.Level.WARNING, "ignoring the snapshot " + root + ": " + e.getMessage());
        }
    }

    /** The newest snapshot, null if there is none. */
    synchronized @Nullable SnapshotMeta newest() {
        return stored.isEmpty() ? null : stored.lastEntry().getValue().meta();
    }

    /** An empty place to write a snapshot to. End it with {@link #commit} or {@link #discard}. */
    Draft draft() throws IOException {
        Draft draft = new Draft(temporary());
        Files.createDirectories(draft.files());
        return draft;
    }

    private synchronized Path temporary() {
        return directory.resolve(TEMPORARY + temporaries++);
    }

    void discard(Draft draft) {
        delete(draft.root());
    }

    /** What has arrived of snapshots that are being fetched. */
    SnapshotStaging staging() {
        return staging;
    }

    /**
     * Makes what the state machine has written a snapshot. Only files that no older snapshot has are read for their hashes: a
     * file that is a hard link to one of those is known by what it is.
     */
    void commit(Draft draft, SnapshotMeta meta) throws IOException {
        Map<Object, SnapshotFile> known = filesByIdentity();
        commit(draft, SnapshotManifest.describe(meta, draft.files(), file -> {
            SnapshotFile same = known.get(identityOf(file));
            return same == null ? null : same.sha256();
        }));
    }

    /** A file system's own name for a file and its last change; null if it has none. */
    private static @Nullable Object identityOf(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            Object key = attributes.fileKey();
            return key == null ? null : List.of(key, attributes.size(), attributes.lastModifiedTime());
        } catch (IOException e) {
            return null; // then it is read, and that says what is wrong with it
        }
    }

    private synchronized Map<Object, SnapshotFile> filesByIdentity() {
        Map<Object, SnapshotFile> files = new HashMap<>();
        for (Stored snapshot : stored.values()) {
            for (SnapshotFile file : snapshot.manifest.files()) {
                Object identity = identityOf(snapshot.path(file));
                if (identity != null) {
                    files.put(identity, file);
                }
            }
        }
        return files;
    }

    /**
     * Makes the draft a snapshot. When this returns it survives a power failure, and older ones may be gone.
     *
     * @param manifest describes exactly what is in the draft
     */
    void commit(Draft draft, SnapshotManifest manifest) throws IOException {
        SnapshotMeta meta = manifest.meta();
        DurableFiles.syncTree(draft.files());
        manifest.write(draft.root().resolve(MANIFEST));
        DurableFiles.sync(draft.root());
        Path root = directory.resolve(meta.index() + "-" + meta.term());
        synchronized (this) {
            Stored present = stored.get(meta.index());
            if (present != null && present.meta().lastIncluded().equals(meta.lastIncluded())) {
                // The same state, taken twice: the one that may be in use stays.
                discard(draft);
                return;
            }
        }
        delete(root); // a damaged one, which was not loaded
        Files.move(draft.root(), root, StandardCopyOption.ATOMIC_MOVE);
        DurableFiles.sync(directory);
        synchronized (this) {
            stored.put(meta.index(), new Stored(manifest, root));
            distrusted.clear();
        }
        prune();
    }

    /** @throws IOException if the snapshot is not here (any more) */
    Lease lease(EntryId lastIncluded) throws IOException {
        return lease(lastIncluded, false);
    }

    /** A lease for a peer, who may come back for the rest. */
    Lease serve(EntryId lastIncluded) throws IOException {
        return lease(lastIncluded, true);
    }

    private synchronized Lease lease(EntryId lastIncluded, boolean lingers) throws IOException {
        Stored found = stored.get(lastIncluded.index());
        if (found == null || !found.meta().lastIncluded().equals(lastIncluded)) {
            throw new IOException("there is no snapshot at " + lastIncluded + " here"
                    + (stored.isEmpty()
                            ? ", nor any other"
                            : "; the newest is at "
                                    + stored.lastEntry().getValue().meta().lastIncluded()));
        }
        found.leases++;
        return new Lease(found, lingers);
    }

    /**
     * Puts into the staging what snapshots here have of these contents, as further names of their files: no bytes are copied.
     *
     * @return the hashes of what was found
     */
    synchronized Set<String> linkLocal(List<SnapshotFile> wanted) throws IOException {
        Map<String, Path> here = new HashMap<>();
        for (Stored snapshot : stored.values()) {
            for (SnapshotFile file : snapshot.manifest.files()) {
                here.put(file.sha256(), snapshot.path(file));
            }
        }
        Set<String> found = new HashSet<>();
        for (SnapshotFile file : wanted) {
            Path source = here.get(file.sha256());
            // One that is too short would be appended to, and it is a file of a snapshot.
            if (source != null && !distrusted.contains(file.sha256()) && Files.size(source) == file.sizeBytes()) {
                Files.deleteIfExists(staging.path(file));
                Files.createLink(staging.path(file), source);
                found.add(file.sha256());
            }
        }
        return found;
    }

    /** A copy of this content here is damaged: it has to come from somewhere else. Forgotten with the next snapshot. */
    synchronized void distrust(SnapshotFile damaged) {
        distrusted.add(damaged.sha256());
    }

    /** The snapshot's files once more, as hard links, for a state machine that may move them away. */
    Path scratchCopy(Lease lease) throws IOException {
        Path scratch = temporary();
        DurableFiles.linkTree(lease.directory(), scratch);
        return scratch;
    }

    /** Deletes what is not needed. What cannot be deleted costs space, not safety: the next start or snapshot tries again. */
    void delete(Path tree) {
        try {
            DurableFiles.deleteTree(tree);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "could not delete " + tree + ": " + e);
        }
    }

    /** Deletes all but the newest, as far as nobody reads them. */
    private synchronized void prune() {
        stored.values().removeIf(this::removeObsolete);
    }

    private boolean removeObsolete(Stored candidate) {
        Map.Entry<Long, Stored> newest = stored.lastEntry();
        boolean lingers = candidate == lingering && nanoClock.getAsLong() - lingersUntilNanos < 0;
        if (candidate.leases > 0 || lingers || candidate == newest.getValue()) {
            return false;
        }
        // Renamed first: a crash in the middle must not leave half a snapshot under a good name.
        Path condemned = temporary();
        try {
            Files.move(candidate.root, condemned, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "could not put away " + candidate.root + ": " + e);
            return false;
        }
        delete(condemned);
        return true;
    }

    /** Keeps a snapshot's files where they are until it is closed. */
    final class Lease implements Transport.SnapshotLease {
        private final Stored held;
        private final boolean lingers;
        private boolean closed;

        private Lease(Stored held, boolean lingers) {
            this.held = held;
            this.lingers = lingers;
        }

        SnapshotMeta meta() {
            return held.meta();
        }

        @Override
        public List<SnapshotFile> files() {
            return held.manifest.files();
        }

        @Override
        public Path directory() {
            return held.root.resolve(FILES);
        }

        @Override
        public void close() {
            synchronized (SnapshotStore.this) {
                if (!closed) {
                    closed = true;
                    held.leases--;
                    if (lingers) {
                        lingering = held;
                        lingersUntilNanos = nanoClock.getAsLong() + LINGER_NANOS;
                    }
                    prune();
                }
            }
        }
    }
}
