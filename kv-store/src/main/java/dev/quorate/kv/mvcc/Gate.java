package dev.quorate.kv.mvcc;

import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Keeps the engine open while somebody uses it. A closed RocksDB handle that is used is no exception but a crash of the
 * process, and a restore closes the engine under running readers.
 */
final class Gate {

    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean isOpen = true; // guarded by lock
    private volatile boolean isWanted;

    /**
     * Waits while the gate is shut. Must be followed by {@link #leave}.
     *
     * @throws StoreClosedException once the store is closed
     */
    void enter() {
        lock.readLock().lock();
        if (!isOpen) {
            lock.readLock().unlock();
            throw new StoreClosedException();
        }
    }

    void leave() {
        lock.readLock().unlock();
    }

    /** Whether somebody waits for those inside to leave, and everybody else behind him: whoever reads for long should leave then. */
    boolean isWanted() {
        return isWanted;
    }

    /** Waits until everybody left, and keeps everybody out until {@link #unshut}. Answers whether the store is open. */
    boolean shut() {
        isWanted = true;
        lock.writeLock().lock();
        isWanted = true; // whoever shut it before may have taken it back meanwhile
        return isOpen;
    }

    /** @param open whether there is an open engine behind the gate */
    void unshut(boolean open) {
        isOpen = open;
        isWanted = false;
        lock.writeLock().unlock();
    }
}
