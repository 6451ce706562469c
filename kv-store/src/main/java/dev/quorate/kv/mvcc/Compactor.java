package dev.quorate.kv.mvcc;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * Removes from this member's tables what a compaction gave up, a few rows at a time, so that writes and reads go on beside
 * it.
 *
 * <p>It walks the revisions up to the compacted one. The version before each of them is not the newest at any revision that
 * can still be read, so it goes. A tombstone before the compacted revision goes itself; the one <em>at</em> it stays until
 * the next compaction, because a watch may begin there. How far the walk is stands in the tables, so a restart continues.
 */
final class Compactor implements AutoCloseable {

    /** How many revisions one step looks at: a step with tombstones keeps the apply thread waiting for about a millisecond. */
    private static final int STEP_ROWS = 512;
    /** How long each step leaves the disk and the processor to others. */
    private static final long PAUSE_MILLIS = 2;

    private final MvccStore store;
    private final Thread thread = new Thread(this::run, "kv-compactor");
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // The rest is guarded by lock.
    private final SortedMap<Long, List<CompletableFuture<@Nullable Void>>> waiting = new TreeMap<>();
    private long removed = -1;
    private boolean isClosed;
    private @Nullable RuntimeException failure;

    Compactor(MvccStore store) {
        this.store = store;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** There may be something to do. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The tables are others now. */
    void reset() {
        lock.lock();
        try {
            removed = -1;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    CompletableFuture<@Nullable Void> removed(long revision) {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        lock.lock();
        try {
            if (failure != null) {
                done.completeExceptionally(failure);
            } else if (isClosed) {
                done.completeExceptionally(new StoreClosedException());
            } else if (revision <= removed) {
                done.complete(null);
            } else {
                waiting.computeIfAbsent(revision, r -> new ArrayList<>()).add(done);
            }
        } finally {
            lock.unlock();
        }
        return done;
    }

    private void run() {
        try {
            while (awaitWork()) {
                long target = store.state().compacted();
                if (step(target)) {
                    finished(target);
                }
            }
        } catch (StoreClosedException e) {
            fail(e); // the store went away below; nothing is lost, the walk continues after the next start
        } catch (RuntimeException e) {
            fail(e);
            throw e; // to the thread's handler, which logs it; reads and writes go on without compaction
        }
    }

    private boolean awaitWork() {
        lock.lock();
        try {
            long pauseNanos = TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
            while (!isClosed && (pauseNanos > 0 || removed >= store.state().compacted())) {
                if (pauseNanos > 0) {
                    pauseNanos = changed.awaitNanos(pauseNanos);
                } else {
                    changed.await();
                }
            }
            return !isClosed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Looks at the next revisions; true if it came to the end. */
    private boolean step(long target) {
        store.gate().enter();
        try {
            Engine engine = store.engine();
            WriteRows rows = new WriteRows();
            List<Version> tombstones = new ArrayList<>();
            byte[] next = collect(engine, target, rows, tombstones);
            byte[] progress = next != null ? next : new Revision(target, 0).toKey();
            rows.put(engine.tableId(Table.STATE), StateRows.REMOVED, progress);
            if (tombstones.isEmpty()) {
                engine.write(rows);
            } else {
                store.writing().lock(); // a key may be written again between the look at its row and the removal
                try {
                    removeIfNewest(engine, tombstones, rows);
                    engine.write(rows);
                } finally {
                    store.writing().unlock();
                }
            }
            return next == null;
        } finally {
            store.gate().leave();
        }
    }

    /** Answers the row to continue with, null at the end. */
    private static byte @Nullable [] collect(Engine engine, long target, WriteRows out, List<Version> tombstones) {
        int table = engine.tableId(Table.REVISIONS);
        byte[] header = new byte[RevisionRow.MAX_HEADER_BYTES];
        try (RocksIterator rows = engine.iterator(Table.REVISIONS, engine.readNewest())) {
            int looked = 0;
            for (rows.seek(StateRows.removed(engine)); rows.isValid(); rows.next()) {
                byte[] key = rows.key();
                Revision place = Revision.ofKey(key);
                if (place.main() > target) {
                    break;
                }
                if (looked++ == STEP_ROWS) {
                    return key;
                }
                int length = Math.min(rows.value(header), header.length);
                RevisionRow row = RevisionRow.decodeHeader(header, length, place.main());
                if (row.previous() != null) {
                    out.delete(table, row.previous().toKey());
                }
                if (row.isTombstone() && place.main() < target) {
                    out.delete(table, key);
                    byte[] whole = rows.value();
                    tombstones.add(KeyValueCodec.decode(row.pair(whole, whole.length), place.sub()));
                }
            }
            rows.status();
            return null;
        } catch (RocksDBException e) {
            throw new StorageException("a scan of the revisions failed", e);
        }
    }

    private static void removeIfNewest(Engine engine, List<Version> tombstones, WriteRows out) {
        for (Version tombstone : tombstones) {
            Version newest = TableView.newest(engine, engine.readNewest(), tombstone.key());
            if (newest != null && newest.mod() == tombstone.mod()) {
                out.delete(engine.tableId(Table.LATEST), tombstone.key());
            }
        }
    }

    private void finished(long target) {
        List<CompletableFuture<@Nullable Void>> done = new ArrayList<>();
        lock.lock();
        try {
            removed = target;
            Iterator<Map.Entry<Long, List<CompletableFuture<@Nullable Void>>>> entries =
                    waiting.headMap(target + 1).entrySet().iterator();
            while (entries.hasNext()) {
                done.addAll(entries.next().getValue());
                entries.remove();
            }
        } finally {
            lock.unlock();
        }
        done.forEach(future -> future.complete(null));
    }

    private void fail(RuntimeException cause) {
        List<CompletableFuture<@Nullable Void>> failed = new ArrayList<>();
        lock.lock();
        try {
            failure = cause;
            waiting.values().forEach(failed::addAll);
            waiting.clear();
        } finally {
            lock.unlock();
        }
        failed.forEach(future -> future.completeExceptionally(cause));
    }

    /** Waits for the step under way. */
    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        fail(new StoreClosedException());
    }
}
