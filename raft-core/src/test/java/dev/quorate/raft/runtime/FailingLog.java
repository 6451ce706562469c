package dev.quorate.raft.runtime;

import dev.quorate.raft.Persist;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Recovered;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A disk that fails once, at a given write, and would work again if somebody tried. */
class FailingLog implements DurableLog {

    private final DurableLog disk;
    private final AtomicInteger writesLeft;
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger writesAfterFailure = new AtomicInteger();

    FailingLog(DurableLog disk, int goodWrites) {
        this.disk = disk;
        this.writesLeft = new AtomicInteger(goodWrites);
    }

    @Override
    public Recovered recover(Membership initial) throws IOException {
        return disk.recover(initial);
    }

    @Override
    public void write(List<Persist> batch) throws IOException {
        if (failures.get() > 0) {
            writesAfterFailure.incrementAndGet();
        }
        if (writesLeft.getAndDecrement() == 0) {
            failures.incrementAndGet();
            throw new IOException("input/output error");
        }
        disk.write(batch);
    }

    /** From now on the given number of writes succeed, then one fails. */
    void failAfter(int goodWrites) {
        writesLeft.set(goodWrites);
    }

    int writesAfterFailure() {
        return writesAfterFailure.get();
    }

    @Override
    public List<Entry> read(long fromIndex, long toIndex, long maxBytes) throws IOException {
        return disk.read(fromIndex, toIndex, maxBytes);
    }

    @Override
    public void close() {
        disk.close();
    }
}
