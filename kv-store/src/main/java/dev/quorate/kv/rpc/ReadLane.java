package dev.quorate.kv.rpc;

import dev.quorate.kv.mvcc.StoreClosedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that run reads. What waits is taken many at a time: handing over one read by one would cost more than many a read.
 */
final class ReadLane implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReadLane.class);

    /** Small enough that the threads share what waits, large enough that taking it costs nothing. */
    private static final int MAX_TAKEN = 32;

    private final List<Thread> threads = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Deque<ReadTask> waiting = new ArrayDeque<>(); // guarded by lock; bounded by ReadBatcher
    private boolean isClosed; // guarded by lock

    ReadLane(String name, int threadCount) {
        for (int i = 0; i < threadCount; i++) {
            Thread thread = new Thread(this::work, name + "-" + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    void add(List<? extends ReadTask> reads) {
        if (reads.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            if (!isClosed) {
                waiting.addAll(reads);
                if (reads.size() > MAX_TAKEN) {
                    arrived.signalAll();
                } else {
                    arrived.signal();
                }
                return;
            }
        } finally {
            lock.unlock();
        }
        reads.forEach(read -> read.fail(new StoreClosedException()));
    }

    private void work() {
        List<ReadTask> taken = new ArrayList<>(MAX_TAKEN);
        while (take(taken)) {
            for (ReadTask read : taken) {
                try {
                    read.run();
                } catch (RuntimeException e) { // one read must not take the thread of all others with it
                    LOG.error("a read ended without an answer", e);
                }
            }
            taken.clear();
        }
    }

    private boolean take(List<ReadTask> into) {
        lock.lock();
        try {
            while (waiting.isEmpty() && !isClosed) {
                arrived.await();
            }
            for (ReadTask read = waiting.poll(); read != null; read = waiting.poll()) {
                into.add(read);
                if (into.size() == MAX_TAKEN) {
                    break;
                }
            }
            return !into.isEmpty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** What waits is still run. */
    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
