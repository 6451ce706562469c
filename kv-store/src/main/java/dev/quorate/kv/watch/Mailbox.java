package dev.quorate.kv.watch;

import dev.quorate.kv.mvcc.ChangeFeed;
import dev.quorate.kv.mvcc.KeyChange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where other threads leave what the watch thread is to do. Nobody waits here but that thread.
 *
 * <p>Changes that do not fit are counted, not kept: whoever takes the mail learns up to which revision he has to read the table.
 */
final class Mailbox implements ChangeFeed {

    private final long maxBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private volatile boolean isListening;
    // The rest is guarded by lock.
    private Mail mail = new Mail();
    private boolean isClosed;

    /** What came since the last time. Its parts are in the order in which they are to be looked at. */
    static final class Mail {
        final List<Runnable> tasks = new ArrayList<>();
        final List<List<KeyChange>> changes = new ArrayList<>();
        private long bytes;
        /** Changes up to this revision came after {@code changes} and are not there; 0 if none are missing. */
        long lostUpTo;

        boolean isEmpty() {
            return tasks.isEmpty() && changes.isEmpty() && lostUpTo == 0;
        }
    }

    Mailbox(WatchLimits limits) {
        this.maxBytes = limits.handedOverBytes();
    }

    @Override
    public boolean isListening() {
        return isListening;
    }

    void listen() {
        isListening = true;
    }

    @Override
    public void changed(List<KeyChange> changes) {
        long size = 0;
        for (KeyChange change : changes) {
            size += change.sizeBytes();
        }
        long last = changes.get(changes.size() - 1).revision();
        lock.lock();
        try {
            if (mail.lostUpTo != 0 || (mail.bytes > 0 && mail.bytes + size > maxBytes)) {
                mail.lostUpTo = last;
            } else {
                mail.changes.add(changes);
                mail.bytes += size;
            }
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void replaced(long revision) {
        lock.lock();
        try {
            mail.lostUpTo = revision;
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    /** False once the mailbox is closed: the task will not run. */
    boolean offer(Runnable task) {
        lock.lock();
        try {
            if (isClosed) {
                return false;
            }
            mail.tasks.add(task);
            arrived.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for mail, at most this long; the mail may be empty. */
    Mail take(long maxWaitNanos) throws InterruptedException {
        lock.lock();
        try {
            long left = maxWaitNanos;
            while (mail.isEmpty() && !isClosed && left > 0) {
                left = arrived.awaitNanos(left);
            }
            Mail taken = mail;
            mail = new Mail();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** What is there once nothing comes any more. */
    Mail takeLeft() {
        lock.lock();
        try {
            Mail taken = mail;
            mail = new Mail();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return isClosed;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        isListening = false;
        lock.lock();
        try {
            isClosed = true;
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }
}
