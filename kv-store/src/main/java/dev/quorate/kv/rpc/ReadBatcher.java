package dev.quorate.kv.rpc;

import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.raft.ReadConsistency;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Brings reads to the threads that run them, and linearizable ones past a read index before.
 *
 * <p>Reads that arrive while rounds are under way gather, and share the next one. That is linearizable, because the round
 * begins after the last of them arrived; and it means that the node sees one read for many of ours.
 */
final class ReadBatcher implements AutoCloseable {

    /** Reads that wait, at the most; more are refused. As many as the raft core's own limit. */
    private static final int MAX_WAITING = 65_536;

    /** One under way and one on its way out: a read then waits for no more than the rest of a round before its own. */
    private static final int MAX_ROUNDS = 2;

    private final Replicator replicator;
    private final ReadLane shortReads = new ReadLane("kv-read", 2);
    private final ReadLane longReads = new ReadLane("kv-scan", 2);
    private final AtomicInteger waiting = new AtomicInteger();
    private final Gathering linearizable = new Gathering(ReadConsistency.LINEARIZABLE);
    private final Gathering byLease = new Gathering(ReadConsistency.LEASE);

    ReadBatcher(Replicator replicator) {
        this.replicator = replicator;
    }

    /** A read that counts until it is answered. */
    private final class Admitted implements ReadTask {
        private final ReadTask read;

        Admitted(ReadTask read) {
            this.read = read;
        }

        @Override
        public boolean isLong() {
            return read.isLong();
        }

        @Override
        public void run() {
            waiting.decrementAndGet();
            read.run();
        }

        @Override
        public void fail(Throwable why) {
            waiting.decrementAndGet();
            read.fail(why);
        }
    }

    /**
     * Runs a read as soon as this member has everything that was acknowledged anywhere before this call. Never blocks.
     *
     * @throws KvException if too many wait
     */
    void linearizable(ReadTask read) throws KvException {
        linearizable.add(admit(read));
    }

    /**
     * Runs a read as soon as this member has what one of this consistency must see. Never blocks.
     *
     * @throws KvException if too many wait
     */
    @SuppressWarnings("FutureReturnValueIgnored") // the read says how it ended
    void add(ReadConsistency consistency, ReadTask read) throws KvException {
        switch (consistency.level()) {
            case LINEARIZABLE -> linearizable(read);
            case LEASE -> byLease.add(admit(read));
            case LOCAL -> serializable(read);
            case BOUNDED_STALENESS -> {
                List<Admitted> alone = new ArrayList<>(List.of(admit(read)));
                replicator.read(consistency).whenComplete((index, failure) -> end(alone, failure));
            }
        }
    }

    /**
     * Runs a read of what this member has. Never blocks.
     *
     * @throws KvException if too many wait
     */
    void serializable(ReadTask read) throws KvException {
        lane(read).add(List.of(admit(read)));
    }

    /** Runs this among the long reads, or now, if too many wait or the endpoint is closed. */
    void amongLongReads(Runnable work) {
        ReadTask task = new ReadTask() {
            @Override
            public boolean isLong() {
                return true;
            }

            @Override
            public void run() {
                work.run();
            }

            @Override
            public void fail(Throwable why) {
                work.run();
            }
        };
        try {
            serializable(task);
        } catch (KvException e) {
            work.run();
        }
    }

    private Admitted admit(ReadTask read) throws KvException {
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            throw new KvException(KvError.TOO_MANY_REQUESTS);
        }
        return new Admitted(read);
    }

    private void end(List<Admitted> batch, @Nullable Throwable failure) {
        if (failure == null) {
            release(batch);
        } else {
            batch.forEach(read -> read.fail(failure));
        }
    }

    /** Reads that go together: they share what is asked of the node. */
    private final class Gathering {
        private final ReadConsistency consistency;
        private final Object lock = new Object();
        private List<Admitted> gathered = new ArrayList<>(); // guarded by lock
        private int rounds; // guarded by lock

        Gathering(ReadConsistency consistency) {
            this.consistency = consistency;
        }

        void add(Admitted read) {
            List<Admitted> batch;
            synchronized (lock) {
                gathered.add(read);
                if (rounds == MAX_ROUNDS) {
                    return;
                }
                rounds++;
                batch = take();
            }
            startRound(batch);
        }

        private List<Admitted> take() {
            List<Admitted> batch = gathered;
            gathered = new ArrayList<>(Math.max(16, batch.size()));
            return batch;
        }

        @SuppressWarnings("FutureReturnValueIgnored") // the reads say how it ended
        private void startRound(List<Admitted> batch) {
            replicator.read(consistency).whenComplete((index, failure) -> {
                try {
                    end(batch, failure);
                } finally {
                    startNextRound();
                }
            });
        }

        private void startNextRound() {
            List<Admitted> batch;
            synchronized (lock) {
                if (gathered.isEmpty()) {
                    rounds--;
                    return;
                }
                batch = take();
            }
            startRound(batch);
        }
    }

    /** On one of the node's threads: hands over, and reads nothing. */
    private void release(List<Admitted> batch) {
        List<Admitted> longOnes = null;
        for (Admitted read : batch) {
            if (read.isLong()) {
                longOnes = longOnes == null ? new ArrayList<>() : longOnes;
                longOnes.add(read);
            }
        }
        if (longOnes != null) {
            longReads.add(longOnes);
            batch.removeIf(ReadTask::isLong);
        }
        shortReads.add(batch);
    }

    private ReadLane lane(ReadTask read) {
        return read.isLong() ? longReads : shortReads;
    }

    /** Waits until the reads that are due have run. Those that wait for a read index end with the node. */
    @Override
    public void close() {
        shortReads.close();
        longReads.close();
    }
}
