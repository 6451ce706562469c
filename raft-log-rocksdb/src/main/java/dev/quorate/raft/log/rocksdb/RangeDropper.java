package dev.quorate.raft.log.rocksdb;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Frees what compaction and resets leave behind, on a thread of its own.
 *
 * <p>For a compaction the thread looks up the chunk that holds the first entry after the base: it and all later ones stay,
 * also if it is the log's last and holds nothing above the base, because it is what says where the log ends. Table files that
 * hold nothing else than what is below go at once. For the rest, the next write carries a range deletion, which needs no
 * sync of its own and makes flushes and compactions skip what it covers.
 *
 * <p>Nobody reads below the base, so it does not matter when, and whether, any of this happens. In particular it does not matter
 * that a deleted table file may have held the range deletion that hid still older chunks: they are below the base too.
 */
final class RangeDropper implements AutoCloseable {

    private record Range(int generation, long belowIndex) {}

    private final Engine engine;
    private final ThreadPoolExecutor thread;

    /** Per group, what the next write is to delete. */
    private final Map<Long, Range> ready = new ConcurrentHashMap<>();

    RangeDropper(Engine engine, String name) {
        this.engine = engine;
        // The queue is as long as there are groups and compactions in flight: one for each snapshot taken.
        this.thread = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread worker = new Thread(task, name);
            worker.setDaemon(true);
            return worker;
        });
        // After close there is nothing to do here; the next start does it.
        this.thread.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        this.thread.allowCoreThreadTimeOut(true);
    }

    /** The log of this group starts after {@code baseIndex} now. */
    void schedule(long groupId, int generation, long baseIndex) {
        if (baseIndex > 0) {
            thread.execute(() -> run(groupId, () -> {
                Chunk first = new LogReader(engine, groupId).chunkAt(generation, baseIndex + 1);
                if (first != null) {
                    ready.merge(groupId, new Range(generation, first.firstIndex()), RangeDropper::further);
                    deleteFiles(groupId, generation, first.firstIndex());
                }
            }));
        }
    }

    /** The group left this generation behind; a range deletion for all of it is written already. */
    void scheduleAll(long groupId, int generation) {
        thread.execute(() -> run(groupId, () -> deleteFiles(groupId, generation, Keys.END)));
    }

    /** Adds the range deletion that is due for this group, if any. */
    void writeTo(WriteBatch batch, long groupId, int generation) throws RocksDBException {
        Range range = ready.isEmpty() ? null : ready.remove(groupId);
        if (range != null && range.generation() == generation) {
            batch.deleteRange(
                    engine.logFamily(),
                    Keys.chunk(groupId, generation, 0),
                    Keys.chunk(groupId, generation, range.belowIndex()));
        }
    }

    private void deleteFiles(long groupId, int generation, long belowIndex) throws RocksDBException {
        engine.deleteFiles(Keys.chunk(groupId, generation, 0), Keys.chunk(groupId, generation, belowIndex));
    }

    private static Range further(Range a, Range b) {
        return a.generation() == b.generation() && a.belowIndex() > b.belowIndex() ? a : b;
    }

    private interface Drop {
        void run() throws IOException, RocksDBException;
    }

    private void run(long groupId, Drop drop) {
        try {
            engine.enter();
        } catch (IOException e) {
            // Closed meanwhile. The next start tries again.
            return;
        }
        try {
            drop.run();
        } catch (IOException | RocksDBException | RuntimeException e) {
            // Damage, or a disk that fails: the writer learns of it, since nobody waits for this thread.
            engine.poison(new IOException(
                    "group " + groupId + ": compacted entries could not be dropped: " + e.getMessage(), e));
        } finally {
            engine.exit();
        }
    }

    /** Waits for what runs; what has not begun yet is left to the next start. */
    @Override
    public void close() {
        thread.shutdownNow();
        boolean interrupted = false;
        while (true) {
            try {
                if (thread.awaitTermination(1, TimeUnit.SECONDS)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
