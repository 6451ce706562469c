package dev.quorate.jepsen.run;

import dev.quorate.jepsen.checker.HistoryChecker;
import dev.quorate.jepsen.client.ClusterClient;
import dev.quorate.jepsen.client.RunClock;
import dev.quorate.jepsen.cluster.Cluster;
import dev.quorate.jepsen.cluster.NodeAddress;
import dev.quorate.jepsen.cluster.SystemUnderTest;
import dev.quorate.jepsen.history.History;
import dev.quorate.jepsen.history.Outcome;
import dev.quorate.jepsen.nemesis.Storm;
import dev.quorate.jepsen.workload.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** A whole run: servers up, clients and faults, everybody healed, last reads, servers down, verdict. */
public final class ChaosRun {

    /** The history's name in the directory of a run. */
    public static final String HISTORY_FILE = "history.jsonl";

    /**
     * @param duration how long clients and faults go on
     * @param clients how many requests run at the same time
     * @param requestsPerSecond of all clients together, at most
     * @param requestTimeout after which a client gives up
     * @param companions who watches, and who holds leases, beside the clients
     * @param serializableReads to see that the checkers object: reads may then be old
     * @param recoveryTimeout how long the servers may take to answer at the start, and when all faults are healed
     * @param directory for the history and the servers' files; made if missing
     */
    public record Options(
            Duration duration,
            long seed,
            int clients,
            int requestsPerSecond,
            Workload.Options workload,
            Companionship companions,
            Duration requestTimeout,
            boolean serializableReads,
            Duration recoveryTimeout,
            Path directory) {

        /** The same, and whether leases last long enough is not judged. */
        public Options withWrongClocks() {
            return new Options(
                    duration,
                    seed,
                    clients,
                    requestsPerSecond,
                    workload,
                    companions.withWrongClocks(),
                    requestTimeout,
                    serializableReads,
                    recoveryTimeout,
                    directory);
        }
    }

    /**
     * @param judgesTime false if servers are given wrong clocks
     */
    public record Companionship(int watchers, int leaseHolders, boolean judgesTime) {
        /** A watcher that begins at each of three nodes. */
        public static final Companionship DEFAULT = new Companionship(3, 4, true);

        public Companionship withWrongClocks() {
            return new Companionship(watchers, leaseHolders, false);
        }
    }

    /** Makes the storm of a run, for its servers. */
    public interface StormMaker {
        Storm make(Cluster cluster, ClusterClient client, RunClock clock, Recorder recorder);
    }

    /** The processes that read at the end; no client's process gets that far. */
    private static final int FIRST_LAST_READER = 1_000_000_000;

    private final Options options;
    private final Cluster cluster;
    private final ClusterClient client;
    private final RunClock clock = new RunClock();
    private final Consumer<String> progress;
    private final List<String> problems = new ArrayList<>();

    private ChaosRun(Options options, Cluster cluster, Consumer<String> progress) {
        this.options = options;
        this.cluster = cluster;
        this.progress = progress;
        client = new ClusterClient(cluster.nodes(), clock, options.requestTimeout(), options.serializableReads());
    }

    /**
     * Runs it; returns when all servers it started are gone.
     *
     * @param progress is told what happens, a line at a time; any thread
     */
    public static RunReport run(
            Options options,
            SystemUnderTest system,
            List<NodeAddress> nodes,
            StormMaker storm,
            Consumer<String> progress)
            throws IOException, InterruptedException {
        Files.createDirectories(options.directory());
        try (Cluster cluster = new Cluster(system, nodes, options.directory())) {
            return new ChaosRun(options, cluster, progress).run(storm);
        }
    }

    private RunReport run(StormMaker stormMaker) throws IOException, InterruptedException {
        try (client;
                Recorder recorder = new Recorder(options.directory().resolve(HISTORY_FILE))) {
            LastReads reads = new LastReads(
                    cluster, client, clock, options.recoveryTimeout().toNanos());
            cluster.startAll();
            problems.addAll(reads.awaitAll());
            if (problems.isEmpty()) {
                progress.accept("all servers answer");
                Workload workload = new Workload(options.workload());
                Companions companions = new Companions(options, client, clock);
                try {
                    companions.start();
                    work(workload, recorder, stormMaker.make(cluster, client, clock, recorder));
                    companions.letGo();
                    cluster.healAll();
                    problems.addAll(reads.awaitAll());
                    problems.addAll(reads.readAll(workload.allKeys(), FIRST_LAST_READER, recorder));
                    if (problems.isEmpty()) {
                        problems.addAll(companions.judge(recorder.history(), reads));
                    }
                } finally {
                    companions.stop();
                }
                progress.accept(companions.describe());
            }
            problems.addAll(cluster.unexpectedExits());
            cluster.killAll();
            History history = recorder.history();
            progress.accept("checking " + history.operations().size() + " requests");
            RunReport report = new RunReport(history, HistoryChecker.check(history), problems);
            if (report.isGood()) {
                cluster.deleteData(); // else somebody will want to look into it
            }
            return report;
        }
    }

    private void work(Workload workload, Recorder recorder, Storm storm) throws InterruptedException {
        ExecutorService threads = Executors.newCachedThreadPool();
        List<Worker> workers = new ArrayList<>();
        List<Future<?>> futures = new ArrayList<>();
        long intervalNanos = TimeUnit.SECONDS.toNanos(options.clients()) / options.requestsPerSecond();
        try {
            for (int number = 0; number < options.clients(); number++) {
                Worker worker = new Worker(
                        number,
                        options.clients(),
                        workload,
                        client,
                        clock,
                        recorder,
                        intervalNanos,
                        options.seed() * 31 + number);
                workers.add(worker);
                futures.add(threads.submit(worker));
            }
            Future<?> faults = threads.submit(storm);
            awaitEnd(faults, recorder);
            storm.stop();
            futures.add(faults);
        } finally {
            storm.stop();
            workers.forEach(Worker::stop);
            threads.shutdown();
        }
        for (Future<?> future : futures) {
            join(future);
        }
    }

    private static void join(Future<?> future) throws InterruptedException {
        try {
            future.get();
        } catch (ExecutionException e) {
            // Not the servers' failure but the harness's: a history with a hole in it proves nothing.
            throw new IllegalStateException("a client or a nemesis failed: " + e.getCause(), e.getCause());
        }
    }

    /** Until time is up, or the storm is over. */
    private void awaitEnd(Future<?> storm, Recorder recorder) throws InterruptedException {
        long deadlineNanos = clock.nowNanos() + options.duration().toNanos();
        for (long left = options.duration().toNanos(); left > 0 && !storm.isDone(); ) {
            try {
                storm.get(Math.min(left, TimeUnit.SECONDS.toNanos(5)), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                progress.accept(recorder.count(Outcome.OK) + " ok, " + recorder.count(Outcome.FAIL) + " refused, "
                        + recorder.count(Outcome.UNKNOWN) + " unknown; leader " + client.leader());
            } catch (ExecutionException e) {
                return; // told by join
            }
            left = deadlineNanos - clock.nowNanos();
        }
    }
}
