package dev.quorate.raft.log.rocksdb;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;

/**
 * The open database: its native handles, the way into it and out of it, and its one failure.
 *
 * <p>A call into RocksDB after its close ends the process, so every use stands between {@link #enter} and {@link #exit}, and
 * {@link #close} waits for all of them. Threads: any.
 */
final class Engine implements AutoCloseable {

    private final StoreDirectory directory;
    private final NativeOptions options;
    private final AcknowledgedMark mark;
    private final RocksDB db;
    private final ColumnFamilyHandle facts;
    private final ColumnFamilyHandle log;
    private final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();
    private boolean closed;

    /** Why nothing is written any more, null while all is well. */
    private volatile @Nullable Throwable failure;

    private Engine(
            StoreDirectory directory,
            NativeOptions options,
            AcknowledgedMark mark,
            RocksDB db,
            List<ColumnFamilyHandle> families) {
        this.directory = directory;
        this.options = options;
        this.mark = mark;
        this.db = db;
        this.facts = families.get(0);
        this.log = families.get(1);
    }

    /** Takes the directory over; it is closed with the engine, and not if this fails. */
    static Engine open(StoreDirectory directory, RocksDbLogOptions logOptions) throws IOException {
        NativeLibrary.load();
        NativeOptions options = new NativeOptions(logOptions);
        Engine engine = null;
        try {
            AcknowledgedMark mark = AcknowledgedMark.open(directory.acknowledgedMark());
            WalScan scan = WalScan.of(directory.database());
            long atLeast = Math.max(mark.sequence(), scan.provedSequence());
            String path = directory.database().toString();
            List<ColumnFamilyHandle> families = new ArrayList<>();
            if (scan.isSuspicious(mark.sequence())) {
                // Without writing anything: an ordinary open would delete the damaged files.
                try (RocksDB db = RocksDB.openReadOnly(options.db, path, options.families, families)) {
                    requireSequence(directory, db, atLeast);
                } finally {
                    families.forEach(ColumnFamilyHandle::close);
                    families.clear();
                }
            }
            RocksDB db = RocksDB.open(options.db, path, options.families, families);
            engine = new Engine(directory, options, mark, db, families);
            requireSequence(directory, db, atLeast);
            return engine;
        } catch (RocksDBException e) {
            throw failed("the Raft log in " + directory.path() + " cannot be opened", e);
        } catch (IOException | RuntimeException e) {
            if (engine != null) {
                engine.closeNative();
                engine = null;
            }
            throw e;
        } finally {
            if (engine == null) {
                options.close();
            }
        }
    }

    private static void requireSequence(StoreDirectory directory, RocksDB db, long atLeast) throws CorruptLogException {
        long found = db.getLatestSequenceNumber();
        if (found < atLeast) {
            throw new CorruptLogException(
                    "the Raft log in " + directory.path() + " lost acknowledged writes: recovery ends at"
                            + " RocksDB sequence number " + found + ", and all up to " + atLeast
                            + " were acknowledged; a write-ahead file is damaged, cut short or missing");
        }
    }

    /** Every use of the database starts here. */
    void enter() throws IOException {
        inUse.readLock().lock();
        if (closed) {
            inUse.readLock().unlock();
            throw new IOException("the Raft log in " + directory.path() + " is closed");
        }
    }

    void exit() {
        inUse.readLock().unlock();
    }

    RocksIterator facts() {
        return db.newIterator(facts, options.scan);
    }

    RocksIterator log() {
        return db.newIterator(log, options.scan);
    }

    ColumnFamilyHandle factsFamily() {
        return facts;
    }

    ColumnFamilyHandle logFamily() {
        return log;
    }

    /** Deletes the table files that hold nothing but this range. Others stay until compaction comes by. */
    void deleteFiles(byte[] from, byte[] toExclusive) throws RocksDBException {
        db.deleteFilesInRanges(log, List.of(from, toExclusive), false);
    }

    /** Returns when the batch is durable. Anything that goes wrong here is the last thing that happens to this store. */
    void commit(WriteBatch batch) throws IOException {
        requireWritable();
        try {
            db.write(options.synced, batch);
        } catch (RocksDBException e) {
            poison(e);
            throw failed(
                    "a write to the Raft log in " + directory.path()
                            + " failed, and whether it is on the disk is not known;"
                            + " nothing more is written until the node is started again",
                    e);
        }
        mark.moveTo(db.getLatestSequenceNumber());
    }

    /** @throws IOException if an earlier write failed */
    void requireWritable() throws IOException {
        Throwable cause = failure;
        if (cause != null) {
            throw new IOException(
                    "the Raft log in " + directory.path() + " takes no writes since an earlier one failed ("
                            + cause.getMessage()
                            + "), because what that one left behind is not known; start the node again",
                    cause);
        }
    }

    void poison(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
    }

    /** What a caller is told of RocksDB's error; a full disk and damage are named. */
    static IOException failed(String what, RocksDBException e) {
        Status status = e.getStatus();
        String message = String.valueOf(e.getMessage());
        if ((status != null && status.getSubCode() == Status.SubCode.NoSpace) || message.contains("No space left")) {
            return new IOException(what + ": the disk is full (" + message + "); free some space, then start again", e);
        }
        // A file that RocksDB's own files name is missing, or they name a wrong one.
        boolean isMissing = message.contains("No such file or directory");
        if (isMissing || (status != null && status.getCode() == Status.Code.Corruption)) {
            return new CorruptLogException(what + ": " + message, e);
        }
        return new IOException(what + ": " + message, e);
    }

    /** Closes all but the directory. Nobody uses this engine yet. */
    void closeDatabase() {
        closed = true;
        closeNative();
        options.close();
    }

    StoreDirectory directory() {
        return directory;
    }

    /** Waits for every use to end. Everything that was acknowledged is durable already; there is nothing to flush. */
    @Override
    public void close() {
        inUse.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            closeNative();
            options.close();
        } finally {
            inUse.writeLock().unlock();
        }
        directory.close();
    }

    private void closeNative() {
        facts.close();
        log.close();
        db.close();
    }
}
