package dev.quorate.raft.runtime;

import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots on this node's disk.
 *
 * <pre>
 *   snapshots/
 *     1200-3/          index 1200, term 3
 *       manifest       written last; without it this is no snapshot
 *       files/         as the state machine wrote them; never changed
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
    private static final String TEMPORARY = "tmp-";

    /** A snapshot's directory while it is being filled. */
    record Draft(Path root) {
        /** Where the files go. */
        Path files() {
            return root.resolve(FILES);
        }
    }

    private static final class Stored {
        final SnapshotMeta meta;
        final Path root;
        int leases;

        Stored(SnapshotMeta meta, Path root) {
            this.meta = meta;
            this.root = root;
        }
    }

    private final Path directory;
    /** By index. Guarded by this, as all below. */
    private final TreeMap<Long, Stored> stored = new TreeMap<>();

    private long temporaries;

    private SnapshotStore(Path directory) {
        this.directory = directory;
    }

    /**
     * Opens the store, creates it if it is not there, and sweeps away what was never finished.
     *
     * @param nodeDirectory the node's directory; the store is the folder {@code snapshots} in it
     */
    static SnapshotStore open(Path nodeDirectory) throws IOException {
        Path directory = nodeDirectory.resolve("snapshots");
        Files.createDirectories(directory);
        SnapshotStore store = new SnapshotStore(directory);
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
            for (Path child : children) {
                if (child.getFileName().toString().startsWith(TEMPORARY)) {
                    DurableFiles.deleteTree(child);
                } else {
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
            stored.put(manifest.meta().index(), new Stored(manifest.meta(), root));
        } catch (IOException | IllegalArgumentException e) {
            // Left in place for the operator. If the node cannot start without it, the start says so.
            LOG.log(System.Logger.Level.WARNING, "ignoring the snapshot " + root + ": " + e.getMessage());
        }
    }

    /** The newest snapshot, null if there is none. */
    synchronized @Nullable SnapshotMeta newest() {
        return stored.isEmpty() ? null : stored.lastEntry().getValue().meta;
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

    /** Makes the draft a snapshot. When this returns it survives a power failure, and older ones may be gone. */
    void commit(Draft draft, SnapshotMeta meta) throws IOException {
        DurableFiles.syncTree(draft.files());
        SnapshotManifest.describe(meta, draft.files()).write(draft.root().resolve(MANIFEST));
        DurableFiles.sync(draft.root());
        Path root = directory.resolve(meta.index() + "-" + meta.term());
        synchronized (this) {
            Stored present = stored.get(meta.index());
            if (present != null && present.meta.lastIncluded().equals(meta.lastIncluded())) {
                // The same state, taken twice: the one that may be in use stays.
                discard(draft);
                return;
            }
        }
        delete(root); // a damaged one, which was not loaded
        Files.move(draft.root(), root, StandardCopyOption.ATOMIC_MOVE);
        DurableFiles.sync(directory);
        synchronized (this) {
            stored.put(meta.index(), new Stored(meta, root));
        }
        prune();
    }

    /** @throws IOException if the snapshot is not here (any more) */
    synchronized Lease lease(EntryId lastIncluded) throws IOException {
        Stored found = stored.get(lastIncluded.index());
        if (found == null || !found.meta.lastIncluded().equals(lastIncluded)) {
            throw new IOException("there is no snapshot at " + lastIncluded + " here"
                    + (stored.isEmpty()
                            ? ", nor any other"
                            : "; the newest is at "
                                    + stored.lastEntry().getValue().meta.lastIncluded()));
        }
        found.leases++;
        return new Lease(found);
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
        if (candidate.leases > 0 || candidate == newest.getValue()) {
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
        private boolean closed;

        private Lease(Stored held) {
            this.held = held;
        }

        SnapshotMeta meta() {
            return held.meta;
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
                    prune();
                }
            }
        }
    }
}
