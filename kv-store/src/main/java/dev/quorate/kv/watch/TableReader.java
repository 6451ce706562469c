package dev.quorate.kv.watch;

import dev.quorate.kv.mvcc.ChangeScan;
import dev.quorate.kv.mvcc.KeyChange;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.StoreClosedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the table of revisions for late watchers, on a thread of its own. Watchers that are about equally late share one look: after a
 * restart, thousands come back at the same revision.
 */
final class TableReader implements AutoCloseable {

    private static final int MAX_SHARED = 1_024;

    private final MvccStore store;
    private final WatchLimits limits;
    private final Thread thread = new Thread(this::work, "kv-watch-read");
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Deque<ReadRequest> waiting = new ArrayDeque<>(); // guarded by lock; one per watcher
    private boolean isClosed; // guarded by lock
    private final Answers answers;

    /** Where results go. */
    interface Answers {

        /**
         * Brings a result to the watch thread, where {@code done} is called when it has been used.
         *
         * @param outcome null if nothing was read, because no sink was ready
         * @return false if it will not
         */
        boolean read(List<ReadRequest> requests, ChangeScan.@Nullable Outcome outcome, Runnable done);

        void failed(RuntimeException failure);
    }

    TableReader(MvccStore store, WatchLimits limits, Answers answers) {
        this.store = store;
        this.limits = limits;
        this.answers = answers;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void request(ReadRequest request) {
        lock.lock();
        try {
            waiting.add(request);
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    private void work() {
        try {
            for (List<ReadRequest> shared = take(); !shared.isEmpty(); shared = take()) {
                CountDownLatch used = new CountDownLatch(1); // one result at a time is in memory
                if (!answers.read(shared, read(shared), used::countDown)) {
                    return;
                }
                used.await();
            }
        } catch (InterruptedException | StoreClosedException e) {
            Thread.currentThread().interrupt(); // the server stops, or the store went away below it
        } catch (RuntimeException e) {
            answers.failed(e);
        }
    }

    /** The one that waits longest, and those whose next revision is near to its. Empty once this is closed. */
    private List<ReadRequest> take() throws InterruptedException {
        List<ReadRequest> shared = new ArrayList<>();
        lock.lock();
        try {
            while (waiting.isEmpty() && !isClosed) {
                arrived.await();
            }
            ReadRequest longest = waiting.peek();
            if (isClosed || longest == null) {
                return shared;
            }
            long from = longest.next;
            Iterator<ReadRequest> requests = waiting.iterator();
            while (requests.hasNext() && shared.size() < MAX_SHARED) {
                ReadRequest request = requests.next();
                if (request.next >= from && request.next - from < limits.scanRows()) {
                    shared.add(request);
                    requests.remove();
                }
            }
            return shared;
        } finally {
            lock.unlock();
        }
    }

    private ChangeScan.@Nullable Outcome read(List<ReadRequest> shared) {
        InterestIndex<ReadRequest> index = new InterestIndex<>();
        long from = Long.MAX_VALUE;
        for (ReadRequest request : shared) {
            if (request.watcher.group.sink.isReady()) {
                request.isRead = true;
                index.add(request);
                from = Math.min(from, request.next);
            }
        }
        if (from == Long.MAX_VALUE) {
            return null;
        }
        return store.changes(from, limits.scanRows(), limits.responseBytes(), (change, scan) -> {
            Found found = new Found(change, scan);
            index.find(change.key(), found);
            return found.bytes;
        });
    }

    /** Gives a change to those that want it. */
    private static final class Found implements Consumer<List<ReadRequest>> {
        private final KeyChange change;
        private final ChangeScan scan;
        private long bytes;

        Found(KeyChange change, ChangeScan scan) {
            this.change = change;
            this.scan = scan;
        }

        @Override
        public void accept(List<ReadRequest> interested) {
            for (ReadRequest request : interested) {
                if (change.revision() < request.next || !request.filter.passes(change)) {
                    continue;
                }
                if (request.filter.previous()) {
                    scan.readPrevious(change);
                }
                request.add(change);
                bytes += change.sizeBytes();
            }
        }
    }

    /** Waits for the read that is under way. */
    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            arrived.signal();
        } finally {
            lock.unlock();
        }
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
