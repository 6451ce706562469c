package dev.quorate.kv.metrics;

import dev.quorate.raft.Persist;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.runtime.DurableLog;
import java.io.IOException;
import java.util.List;
import java.util.function.LongConsumer;

/** A log that tells how long its writes take, the sync included. */
public final class TimedLog implements DurableLog {

    private final DurableLog log;
    private final LongConsumer durations;

    /** @param durations takes nanoseconds */
    public TimedLog(DurableLog log, LongConsumer durations) {
        this.log = log;
        this.durations = durations;
    }

    @Override
    public Recovered recover(Membership initial) throws IOException {
        return log.recover(initial);
    }

    @Override
    public boolean startsAnew() throws IOException {
        return log.startsAnew();
    }

    @Override
    public void write(List<Persist> batch) throws IOException {
        long begin = System.nanoTime();
        log.write(batch);
        durations.accept(System.nanoTime() - begin);
    }

    @Override
    public List<Entry> read(long fromIndex, long toIndex, long maxBytes) throws IOException {
        return log.read(fromIndex, toIndex, maxBytes);
    }

    @Override
    public void close() {
        log.close();
    }
}
