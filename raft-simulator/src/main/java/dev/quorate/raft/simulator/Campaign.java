package dev.quorate.raft.simulator;

import dev.quorate.raft.simulator.Simulation.Result;
import dev.quorate.raft.simulator.observe.Coverage;
import dev.quorate.raft.simulator.observe.Coverage.Situation;
import dev.quorate.raft.simulator.world.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs many seeds on several threads, each seed on one, and adds up what they saw. Ends at the first violation, at the last
 * seed, or when its time is over. The threads share nothing but the number of the next seed and the sums.
 */
public final class Campaign {

    /** One seed in this many is run twice and compared. */
    private static final int SEEDS_PER_DETERMINISM_CHECK = 100;

    private final Simulation simulation;
    private final long lastSeed;
    private final AtomicLong nextSeed;
    private final long startedNanos = System.nanoTime();
    private final long endNanos;
    private final Coverage coverage = new Coverage();
    private long seeds;
    private long events;
    private long operations;
    private long faults;
    private long committed;
    private long longestRecoveryNanos;
    private long fewestOperations = Long.MAX_VALUE;
    private @Nullable Result failed;

    /**
     * @param lastSeed inclusive
     * @param maxNanos how long to go on, in real time
     */
    public Campaign(Simulation simulation, long firstSeed, long lastSeed, long maxNanos) {
        this.simulation = simulation;
        this.lastSeed = lastSeed;
        this.nextSeed = new AtomicLong(firstSeed);
        this.endNanos = startedNanos + maxNanos;
    }

    /**
     * Runs until the end.
     *
     * @param afterSeed is called after each seed, by one thread at a time
     * @return the result of the seed that broke an invariant, the lowest if there are several; null if none did
     */
    public @Nullable Result run(int threads, Consumer<Campaign> afterSeed) throws InterruptedException {
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread worker = new Thread(() -> work(afterSeed), "simulation-" + i);
            workers.add(worker);
            worker.start();
        }
        for (Thread worker : workers) {
            worker.join();
        }
        synchronized (this) {
            return failed;
        }
    }

    private void work(Consumer<Campaign> afterSeed) {
        while (System.nanoTime() - endNanos < 0 && !hasFailed()) {
            long seed = nextSeed.getAndIncrement();
            if (seed > lastSeed) {
                return;
            }
            Result result = simulation.run(seed, Trace.OFF);
            if (result.violation() == null && seed % SEEDS_PER_DETERMINISM_CHECK == 0) {
                result = simulation.verifyDeterminism(result);
            }
            synchronized (this) {
                add(result);
                afterSeed.accept(this);
            }
        }
    }

    private synchronized boolean hasFailed() {
        return failed != null;
    }

    private void add(Result result) {
        seeds++;
        events += result.events();
        operations += result.operationsBegun();
        faults += result.faults();
        committed += result.committed();
        coverage.addSeed(result.coverage());
        if (result.violation() == null) {
            longestRecoveryNanos = Math.max(longestRecoveryNanos, result.recoveryNanos());
            fewestOperations = Math.min(fewestOperations, result.operationsBegun());
        } else if (failed == null || result.seed() < failed.seed()) {
            failed = result;
        }
    }

    public synchronized long seeds() {
        return seeds;
    }

    public synchronized long events() {
        return events;
    }

    public synchronized long operations() {
        return operations;
    }

    /** The fewest operations that clients began in one seed. */
    public synchronized long fewestOperations() {
        return fewestOperations;
    }

    public synchronized long faults() {
        return faults;
    }

    public synchronized long committed() {
        return committed;
    }

    /** The longest that a cluster took to recover, in simulated nanoseconds. */
    public synchronized long longestRecoveryNanos() {
        return longestRecoveryNanos;
    }

    public synchronized Coverage coverage() {
        return coverage;
    }

    public double seedsPerHour() {
        return seeds() * 3.6e12 / Math.max(1, System.nanoTime() - startedNanos);
    }

    /** What a run of this many seeds should have seen at least once, or in more of them, and has not (I20). */
    public synchronized List<Situation> tooRare() {
        List<Situation> missing = new ArrayList<>();
        for (Situation situation : Situation.values()) {
            if (coverage.seeds(situation) < situation.leastSeeds(seeds)) {
                missing.add(situation);
            }
        }
        return missing;
    }
}
