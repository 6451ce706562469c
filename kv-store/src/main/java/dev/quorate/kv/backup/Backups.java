package dev.quorate.kv.backup;

import dev.quorate.kv.files.FileTrees;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.State;
import dev.quorate.kv.mvcc.StoreFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backups that are being taken of one member's store. Each is a copy of the store's files for as long as it takes: hard links,
 * which cost no room until the store has replaced what they lead to.
 *
 * <p>Threads: any.
 */
public final class Backups implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Backups.class);

    /** Each keeps files on the disk that the store may have replaced already. */
    static final int MAX_BACKUPS = 4;

    /** Who has taken nothing for so long gives way, if there are too many. */
    static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Path directory;
    private final MvccStore store;
    private final long clusterId;
    private final String member;
    private final InstantSource wallClock;
    private final LongSupplier nanoClock;
    private final List<Backup> running = new ArrayList<>(); // guarded by this, as all below
    private long last;
    private boolean isClosed;

    private Backups(
            Path directory,
            MvccStore store,
            long clusterId,
            String member,
            InstantSource wallClock,
            LongSupplier nanoClock) {
        this.directory = directory;
        this.store = store;
        this.clusterId = clusterId;
        this.member = member;
        this.wallClock = wallClock;
        this.nanoClock = nanoClock;
    }

    /**
     * @param directory for copies while they are read, on the store's file system; emptied now
     * @param wallClock what the backups are dated by
     * @param nanoClock in nanoseconds; decides nothing but who gives way
     */
    public static Backups open(
            Path directory,
            MvccStore store,
            long clusterId,
            String member,
            InstantSource wallClock,
            LongSupplier nanoClock)
            throws IOException {
        FileTrees.delete(directory);
        return new Backups(directory, store, clusterId, member, wallClock, nanoClock);
    }

    /**
     * Copies the store, which waits for the disk. The backup holds what this member has applied up to now.
     *
     * @throws KvException if too many are being taken, or the server stops
     * @throws IOException if the copy could not be made
     */
    public Backup begin() throws KvException, IOException {
        Backup backup;
        Backup stalled;
        synchronized (this) {
            if (isClosed) {
                throw new KvException(KvError.STOPPED);
            }
            stalled = running.size() < MAX_BACKUPS ? null : giveWay();
            backup = new Backup(directory.resolve(Long.toString(++last)));
            running.add(backup);
        }
        if (stalled != null) {
            LOG.warn("a backup that nobody has read from for a minute ends, because another one is asked for");
            stalled.close();
        }
        boolean isDone = false;
        try {
            backup.copy();
            isDone = true;
            return backup;
        } finally {
            if (!isDone) {
                backup.close();
            }
        }
    }

    /** Of those that are read by somebody, nobody does. */
    private Backup giveWay() throws KvException {
        long now = nanoClock.getAsLong();
        return running.stream()
                .filter(backup -> now - backup.lastTakenNanos >= PATIENCE_NANOS)
                .min(Comparator.comparingLong(backup -> backup.lastTakenNanos - now))
                .orElseThrow(() -> new KvException(KvError.TOO_MANY_REQUESTS));
    }

    /** Ends all that are being taken. */
    @Override
    public void close() {
        List<Backup> left;
        synchronized (this) {
            isClosed = true;
            left = List.copyOf(running);
        }
        left.forEach(Backup::close);
    }

    /** One backup. Its parts are taken by one thread at a time; it may be closed by another. */
    public final class Backup implements Closeable {
        private final Path copy;
        private volatile long lastTakenNanos = nanoClock.getAsLong();
        private @Nullable BackupArchive archive; // guarded by this, as all below
        private boolean isOver;

        private Backup(Path copy) {
            this.copy = copy;
        }

        private synchronized void copy() throws IOException {
            if (isOver) {
                throw new IOException("the server stops");
            }
            Files.createDirectories(directory);
            StoreFiles files = store.copy(copy);
            State state = files.state();
            archive = new BackupArchive(
                    new BackupInfo(
                            clusterId,
                            member,
                            wallClock.instant().truncatedTo(ChronoUnit.SECONDS),
                            state.revision(),
                            state.compacted(),
                            state.appliedIndex(),
                            files.estimatedKeys()),
                    files);
        }

        /**
         * The next part of the file, about 32 KiB; at last the checksum of all others; null after that. Reads from the disk.
         *
         * @throws IOException if it was closed, or the disk fails
         */
        public synchronized byte @Nullable [] next() throws IOException {
            BackupArchive reading = archive;
            if (reading == null || isOver) {
                throw new IOException(
                        "the backup has ended: nothing was read from it for a minute, or the server stops");
            }
            lastTakenNanos = nanoClock.getAsLong();
            return reading.next();
        }

        /** What is still to come, without the checksum. */
        public synchronized long remainingBytes() {
            BackupArchive reading = archive;
            return reading == null ? 0 : reading.remainingBytes();
        }

        /** Deletes the copy. May be called again. */
        @Override
        public void close() {
            synchronized (Backups.this) {
                running.remove(this);
            }
            synchronized (this) {
                if (isOver) {
                    return;
                }
                isOver = true;
                try {
                    BackupArchive reading = archive;
                    if (reading != null) {
                        reading.close();
                    }
                    FileTrees.delete(copy);
                } catch (IOException e) {
                    LOG.warn("the copy in {} could not be deleted; the next start does it", copy, e);
                }
            }
        }
    }
}
