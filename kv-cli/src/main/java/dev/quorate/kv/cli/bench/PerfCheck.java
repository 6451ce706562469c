package dev.quorate.kv.cli.bench;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.client.Servers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Whether a cluster carries a load, as {@code etcdctl check perf} asks: puts at a fixed rate, none slow, and none lost. Its keys are
 * under a prefix of its own, and are deleted afterwards.
 */
public final class PerfCheck {

    private static final int KEYS = 1_000;
    private static final int VALUE_BYTES = 1_024;
    private static final int CONNECTIONS = 4;
    private static final int SIGNIFICANT_DIGITS = 3;
    private static final Duration END_LIMIT = Duration.ofSeconds(5);
    private static final Duration CALL_LIMIT = Duration.ofSeconds(30);

    /**
     * @param keyPrefix nobody else's
     * @param putsPerSecond what is asked of the cluster
     */
    public record Plan(Servers servers, String keyPrefix, int putsPerSecond, Duration duration) {}

    /**
     * @param putsPerSecond that were acknowledged
     * @param latencyNanos of these, from the moment at which each was due to be sent and was sent
     * @param failed puts that were refused, not answered, or not sent because too many were under way
     */
    public record Result(
            double putsPerSecond,
            Histogram latencyNanos,
            long failed,
            @Nullable String firstError) {}

    private final Plan plan;
    private final Bench.Progress progress;

    public PerfCheck(Plan plan, Bench.Progress progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /** @throws CliException (definite) if nobody leads, or there are keys under the prefix already */
    public Result run() {
        try (Wires wires = new Wires(1, plan.servers());
                KvClient client = plan.servers().connect(CALL_LIMIT)) {
            Targets leader = new Targets(wires, plan.servers(), CONNECTIONS, true);
            if (!leader.find()) {
                throw leader.nobodyLeads();
            }
            requireUnused(client);
            try {
                return measure(leader);
            } finally {
                client.delete(DeleteRangeRequest.newBuilder()
                        .setKey(first())
                        .setRangeEnd(end())
                        .build());
            }
        }
    }

    private Result measure(Targets leader) {
        Histogram latencies = new ConcurrentHistogram(SIGNIFICANT_DIGITS);
        SteadyPuts puts = new SteadyPuts(
                leader,
                CONNECTIONS,
                plan.keyPrefix(),
                KEYS,
                plan.putsPerSecond(),
                VALUE_BYTES,
                (key, sent, answered) -> latencies.recordValue(answered - sent));
        long begin = System.nanoTime();
        puts.run(plan.duration(), share -> progress.at(share, puts.acknowledged() / secondsSince(begin), latencies));
        long deadline = System.nanoTime() + END_LIMIT.toNanos();
        while (puts.underWay() > 0 && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        double rate = puts.acknowledged() / secondsSince(begin);
        return new Result(rate, latencies.copy(), puts.failed() + puts.underWay(), puts.firstError());
    }

    private static double secondsSince(long beginNanos) {
        return (System.nanoTime() - beginNanos) / (double) TimeUnit.SECONDS.toNanos(1);
    }

    private void requireUnused(KvClient client) {
        long count = client.range(RangeRequest.newBuilder()
                        .setKey(first())
                        .setRangeEnd(end())
                        .setCountOnly(true)
                        .build())
                .getCount();
        if (count > 0) {
            throw CliException.definite("there are " + count + " keys under '" + plan.keyPrefix()
                    + "', which this check would delete; delete them yourself, or choose another --prefix");
        }
    }

    private ByteString first() {
        return ByteString.copyFromUtf8(plan.keyPrefix());
    }

    /** The prefix ends in printable ASCII, so its last byte can be counted up. */
    private ByteString end() {
        int last = plan.keyPrefix().length() - 1;
        return ByteString.copyFromUtf8(
                plan.keyPrefix().substring(0, last) + (char) (plan.keyPrefix().charAt(last) + 1));
    }
}
