package dev.quorate.kv.cli.bench;

import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.cli.client.Endpoint;
import dev.quorate.kv.cli.client.Outcome;
import dev.quorate.kv.cli.client.UnaryCall;
import dev.quorate.kv.cli.cluster.ProcStat;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/** Runs one plan: warm-up, measured part, end. */
public final class Bench {

    /** Told now and then how it goes. */
    public interface Progress {
        /**
         * @param share of the run that is done, 0 to 1
         * @param interval latencies since the last call
         */
        void at(double share, double operationsPerSecond, Histogram interval);
    }

    private static final Duration WATCH_INTERVAL = Duration.ofMillis(200);
    private static final Duration FIND_LEADER_LIMIT = Duration.ofSeconds(10);
    private static final Duration END_LIMIT = Duration.ofSeconds(5);
    private static final int SIGNIFICANT_DIGITS = 3;
    private static final double NANOS_PER_SECOND = 1e9;

    private final BenchPlan plan;
    private final Progress progress;
    private final Recorder recorder = new Recorder(SIGNIFICANT_DIGITS);
    private final AtomicLong definite = new AtomicLong();
    private final AtomicLong indefinite = new AtomicLong();
    private final AtomicLong missing = new AtomicLong();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicReference<@Nullable String> firstError = new AtomicReference<>();
    private volatile boolean measuring;
    private volatile long measuredSinceNanos;

    public Bench(BenchPlan plan, Progress progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /**
     * @throws CliException (definite) if no leader can be found to begin with
     */
    public BenchResult run() throws InterruptedException {
        try (Wires wires = new Wires(plan.threads(), plan.servers())) {
            Targets targets = new Targets(wires, plan.servers(), plan.connections(), plan.targetLeader());
            awaitTarget(targets);
            if (plan.readPercent() > 0) {
                new Prefill(plan).run(targets);
            }
            List<ClosedLoopClient> clients = new ArrayList<>(plan.clients());
            for (int i = 0; i < plan.clients(); i++) {
                clients.add(new LoadClient(targets.route(i), i));
            }
            clients.forEach(ClosedLoopClient::start);
            watch(clients, targets, plan.warmUp(), null);

            recorder.reset();
            sent.set(0);
            measuredSinceNanos = System.nanoTime();
            measuring = true;
            long clientCpu = ProcStat.cpuNanos(List.of(ProcessHandle.current().pid()));
            long serverCpu = ProcStat.cpuNanos(plan.serverPids());
            long begin = System.nanoTime();
            Histogram latencies = watch(clients, targets, plan.duration(), plan.total());
            long nanos = System.nanoTime() - begin;
            serverCpu = ProcStat.cpuNanos(plan.serverPids()) - serverCpu;
            clientCpu = ProcStat.cpuNanos(List.of(ProcessHandle.current().pid())) - clientCpu;
            measuring = false;

            clients.forEach(ClosedLoopClient::stop);
            long deadline = System.nanoTime() + END_LIMIT.toNanos();
            for (ClosedLoopClient client : clients) {
                client.awaitEnd(Math.max(0, deadline - System.nanoTime()));
            }
            Endpoint leader = targets.leader();
            return new BenchResult(
                    plan.targetLeader() && leader != null ? "leader " + leader : "all endpoints in turn",
                    nanos / NANOS_PER_SECOND,
                    latencies.getTotalCount(),
                    latencies,
                    definite.get(),
                    indefinite.get(),
                    missing.get(),
                    firstError.get(),
                    clientCpu,
                    plan.serverPids().isEmpty() ? null : serverCpu);
        }
    }

    private static void awaitTarget(Targets targets) {
        long deadline = System.nanoTime() + FIND_LEADER_LIMIT.toNanos();
        while (!targets.find()) {
            if (System.nanoTime() - deadline >= 0) {
                throw targets.nobodyLeads();
            }
            LockSupport.parkNanos(WATCH_INTERVAL.toNanos());
        }
    }

    /** Looks after the clients until the time is over or the requests are done; returns the latencies of all that time. */
    private Histogram watch(List<ClosedLoopClient> clients, Targets targets, Duration duration, @Nullable Long total) {
        Histogram all = new Histogram(SIGNIFICANT_DIGITS);
        long begin = System.nanoTime();
        long last = begin;
        while (true) {
            long now = System.nanoTime();
            double share = total != null
                    ? (double) (all.getTotalCount() + definite.get() + indefinite.get()) / total
                    : (double) (now - begin) / duration.toNanos();
            if (share >= 1) {
                return all;
            }
            long pause = total != null ? WATCH_INTERVAL.toNanos() : duration.toNanos() - (now - begin);
            LockSupport.parkNanos(Math.min(WATCH_INTERVAL.toNanos(), pause));
            targets.refresh();
            clients.forEach(client -> client.giveUpAfter(plan.requestTimeout().toNanos()));
            Histogram interval = recorder.getIntervalHistogram();
            all.add(interval);
            now = System.nanoTime();
            if (measuring) {
                progress.at(Math.min(1, share), interval.getTotalCount() * NANOS_PER_SECOND / (now - last), interval);
            }
            last = now;
        }
    }

    /** What began before the measured part does not count, whenever it ends. */
    private boolean isMeasured(long startNanos) {
        return measuring && startNanos - measuredSinceNanos >= 0;
    }

    private final class LoadClient extends ClosedLoopClient {

        private final SplittableRandom random;
        private final RawMessages.Template put;
        private final RawMessages.Template get;

        LoadClient(Route route, int number) {
            super(route, UnaryCall.readHeaders(plan.consistency()));
            this.random = new SplittableRandom(number);
            byte[] value = new byte[plan.valueBytes()];
            random.nextBytes(value);
            this.put = RawMessages.put(plan.keyPrefix(), value);
            this.get = RawMessages.get(plan.keyPrefix(), plan.serializable());
        }

        @Override
        @Nullable
        Request next() {
            if (plan.total() != null && measuring && sent.incrementAndGet() > plan.total()) {
                return null;
            }
            long key = random.nextInt(plan.keySpace());
            boolean read =
                    plan.readPercent() == 100 || (plan.readPercent() > 0 && random.nextInt(100) < plan.readPercent());
            return read
                    ? new Request(RawMessages.RANGE, get.withNumber(key), key)
                    : new Request(RawMessages.PUT, put.withNumber(key), key);
        }

        @Override
        void succeeded(Request request, long startNanos, long endNanos, int answerBytes) {
            if (!isMeasured(startNanos)) {
                return;
            }
            recorder.recordValue(endNanos - startNanos);
            if (request.method() == RawMessages.RANGE && answerBytes < plan.valueBytes()) {
                missing.incrementAndGet();
            }
        }

        @Override
        void failed(Request request, Outcome outcome, Status status) {
            if (measuring) {
                boolean harmless = outcome == Outcome.DEFINITE || request.method() == RawMessages.RANGE;
                (harmless ? definite : indefinite).incrementAndGet();
                firstError.compareAndSet(null, status.getCode() + ": " + status.getDescription());
            }
        }
    }
}
