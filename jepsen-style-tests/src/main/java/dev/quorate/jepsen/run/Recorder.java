package dev.quorate.jepsen.run;

import dev.quorate.jepsen.history.History;
import dev.quorate.jepsen.history.HistoryWriter;
import dev.quorate.jepsen.history.NemesisEvent;
import dev.quorate.jepsen.history.Operation;
import dev.quorate.jepsen.history.Outcome;
import dev.quorate.jepsen.nemesis.Schedule;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Keeps the history of a run, in memory and in its file, while it happens. Any thread. */
public final class Recorder implements Schedule.Work, Closeable {

    private final HistoryWriter file;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition written = lock.newCondition();
    private final List<Operation> operations = new ArrayList<>();
    private final List<NemesisEvent> nemeses = new ArrayList<>();
    private final Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
    private long newestWriteInvokeNanos = -1;

    Recorder(Path path) throws IOException {
        file = new HistoryWriter(path);
        for (Outcome outcome : Outcome.values()) {
            counts.put(outcome, 0);
        }
    }

    public void add(Operation operation) {
        lock.lock();
        try {
            file.append(operation);
            operations.add(operation);
            counts.merge(operation.outcome(), 1, Integer::sum);
            if (operation.outcome() == Outcome.OK && operation.mayWrite()) {
                newestWriteInvokeNanos = Math.max(newestWriteInvokeNanos, operation.invokeNanos());
                written.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    public void add(NemesisEvent event) {
        lock.lock();
        try {
            file.append(event);
            nemeses.add(event);
        } finally {
            lock.unlock();
        }
    }

    int count(Outcome outcome) {
        lock.lock();
        try {
            return counts.getOrDefault(outcome, 0);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean awaitWriteInvokedAfter(long nanos, long timeoutMillis) throws InterruptedException {
        long leftNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        lock.lock();
        try {
            while (newestWriteInvokeNanos < nanos) {
                if (leftNanos <= 0) {
                    return false;
                }
                leftNanos = written.awaitNanos(leftNanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    History history() {
        lock.lock();
        try {
            return new History(operations, nemeses);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
