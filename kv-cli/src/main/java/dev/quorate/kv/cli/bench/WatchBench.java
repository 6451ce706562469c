package dev.quorate.kv.cli.bench;

import dev.quorate.kv.api.Event;
import dev.quorate.kv.api.WatchCreateRequest;
import dev.quorate.kv.api.WatchGrpc;
import dev.quorate.kv.api.WatchRequest;
import dev.quorate.kv.api.WatchResponse;
import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.cli.client.Endpoint;
import dev.quorate.kv.cli.client.Servers;
import dev.quorate.kv.cli.cluster.ProcStat;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * Many watchers at one server, and puts at a fixed rate to what they watch: a server that falls behind shows it. Each value has in it
 * when its put was sent, so each event tells how late it is; both clocks are this process's.
 */
public final class WatchBench {

    /** More than that share a stream: etcd's clients put all of a process on one. */
    private static final int WATCHERS_PER_STREAM = 1_000;

    private static final int AHEAD = 64;
    private static final int SIGNIFICANT_DIGITS = 3;
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Duration READY_LIMIT = Duration.ofSeconds(60);
    private static final Duration END_LIMIT = Duration.ofSeconds(20);
    private static final double NANOS_PER_SECOND = 1e9;

    /**
     * @param watched where the watchers are
     * @param servers where the leader is found, who gets the puts
     * @param watchers in all
     * @param watchersPerKey who hear of the same put
     * @param putsPerSecond whatever the servers do
     */
    public record Plan(
            Endpoint watched,
            Servers servers,
            int watchers,
            int watchersPerKey,
            int putsPerSecond,
            int valueBytes,
            int connections,
            String keyPrefix,
            Duration warmUp,
            Duration duration,
            List<Long> serverPids) {

        int keys() {
            return (watchers + watchersPerKey - 1) / watchersPerKey;
        }
    }

    /**
     * @param acknowledged puts in all, the warm-up's too
     * @param failed puts that were refused, not answered, or not sent because too many were under way
     * @param expected events of the acknowledged puts
     * @param events that came, in all
     * @param measuredEvents those whose put was sent in the measured part
     * @param delayNanos of these, from the sending of the put to the arrival of the event
     * @param created how long it took to create all watchers
     */
    public record Result(
            double seconds,
            long acknowledged,
            long failed,
            long expected,
            long events,
            long measuredEvents,
            Histogram delayNanos,
            Duration created,
            long serverCpuNanos,
            @Nullable String firstError) {

        /** Not a number if the servers are not on this machine. */
        public double serverCpuMicrosPerEvent() {
            return serverCpuNanos == 0 || measuredEvents == 0 ? Double.NaN : serverCpuNanos / 1e3 / measuredEvents;
        }
    }

    private final Plan plan;
    private final Bench.Progress progress;
    private final Recorder delays = new Recorder(SIGNIFICANT_DIGITS);
    private final LongAdder created = new LongAdder();
    private final LongAdder events = new LongAdder();
    private final LongAdder measuredEvents = new LongAdder();
    private final LongAdder expected = new LongAdder();
    private final AtomicReference<@Nullable String> firstError = new AtomicReference<>();
    private volatile long measuredFromNanos = Long.MAX_VALUE;
    private volatile long measuredToNanos = Long.MAX_VALUE;

    public WatchBench(Plan plan, Bench.Progress progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /** @throws CliException (definite) if nobody leads, or the watchers cannot be created */
    public Result run() throws InterruptedException {
        try (Wires wires = new Wires(1, plan.servers())) {
            Targets leader = new Targets(wires, plan.servers(), plan.connections(), true);
            if (!leader.find()) {
                throw leader.nobodyLeads();
            }
            long begin = System.nanoTime();
            watch(wires.connect(plan.watched(), plan.connections()));
            await(
                    "only %d of " + plan.watchers() + " watchers could be created",
                    created,
                    READY_LIMIT,
                    () -> created.sum() >= plan.watchers());
            Duration creation = Duration.ofNanos(System.nanoTime() - begin);
            SteadyPuts puts = new SteadyPuts(
                    leader,
                    plan.connections(),
                    plan.keyPrefix(),
                    plan.keys(),
                    plan.putsPerSecond(),
                    plan.valueBytes(),
                    (key, sent, answered) -> expected.add(watchersOf(key)));
            puts.run(plan.warmUp(), share -> {});
            long cpu = ProcStat.cpuNanos(plan.serverPids());
            begin = System.nanoTime();
            measuredFromNanos = begin;
            Histogram all = measure(puts);
            measuredToNanos = System.nanoTime();
            double seconds = (measuredToNanos - begin) / NANOS_PER_SECOND;
            cpu = ProcStat.cpuNanos(plan.serverPids()) - cpu;
            awaitRest(puts);
            all.add(delays.getIntervalHistogram());
            return new Result(
                    seconds,
                    puts.acknowledged(),
                    puts.failed(),
                    expected.sum(),
                    events.sum(),
                    measuredEvents.sum(),
                    all,
                    creation,
                    cpu,
                    firstError.get() == null ? puts.firstError() : firstError.get());
        }
    }

    private void watch(List<ManagedChannel> channels) {
        for (int first = 0; first < plan.watchers(); first += WATCHERS_PER_STREAM) {
            ManagedChannel channel = channels.get(first / WATCHERS_PER_STREAM % channels.size());
            ClientCall<WatchRequest, WatchResponse> stream =
                    channel.newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
            stream.start(new Watching(stream), new Metadata());
            stream.request(AHEAD);
            for (int i = first; i < Math.min(first + WATCHERS_PER_STREAM, plan.watchers()); i++) {
                stream.sendMessage(WatchRequest.newBuilder()
                        .setCreateRequest(WatchCreateRequest.newBuilder()
                                .setKey(SteadyPuts.key(plan.keyPrefix(), i / plan.watchersPerKey())))
                        .build());
            }
        }
    }

    private final class Watching extends ClientCall.Listener<WatchResponse> {
        private final ClientCall<WatchRequest, WatchResponse> stream;

        Watching(ClientCall<WatchRequest, WatchResponse> stream) {
            this.stream = stream;
        }

        @Override
        public void onMessage(WatchResponse response) {
            long now = System.nanoTime();
            stream.request(1);
            if (response.getCanceled()) {
                failed("a watch was canceled: " + response.getCancelReason());
            } else if (response.getCreated()) {
                created.increment();
            }
            for (Event event : response.getEventsList()) {
                events.increment();
                long sentNanos = event.getKv().getValue().asReadOnlyByteBuffer().getLong();
                if (sentNanos - measuredFromNanos >= 0 && sentNanos - measuredToNanos < 0) {
                    measuredEvents.increment();
                    delays.recordValue(Math.max(0, now - sentNanos));
                }
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            failed("a stream of watches ended: " + status.getCode() + " " + status.getDescription());
        }
    }

    private void failed(String why) {
        firstError.compareAndSet(null, why);
    }

    /** Shows the progress of the measured part. */
    private Histogram measure(SteadyPuts puts) {
        Histogram all = new Histogram(SIGNIFICANT_DIGITS);
        long begin = System.nanoTime();
        puts.run(plan.duration(), share -> {
            Histogram interval = delays.getIntervalHistogram();
            all.add(interval);
            double seconds = (System.nanoTime() - begin) / NANOS_PER_SECOND;
            progress.at(share, all.getTotalCount() / seconds, interval);
        });
        return all;
    }

    private int watchersOf(int key) {
        return Math.min(plan.watchersPerKey(), plan.watchers() - key * plan.watchersPerKey());
    }

    /** What is missing at the end is told by the numbers; a put whose answer was lost may have been seen all the same. */
    private void awaitRest(SteadyPuts puts) {
        long deadline = System.nanoTime() + END_LIMIT.toNanos();
        while ((puts.underWay() > 0 || events.sum() < expected.sum()) && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(STEP_NANOS);
        }
    }

    private void await(String failure, LongAdder so, Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (firstError.get() != null || System.nanoTime() - deadline >= 0) {
                String why = firstError.get();
                throw CliException.definite(
                        String.format(java.util.Locale.ROOT, failure, so.sum()) + (why == null ? "" : ": " + why));
            }
            LockSupport.parkNanos(STEP_NANOS);
        }
    }
}
