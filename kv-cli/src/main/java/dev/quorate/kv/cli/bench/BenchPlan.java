package dev.quorate.kv.cli.bench;

import dev.quorate.kv.cli.client.Servers;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A load and how long it lasts.
 *
 * @param readPercent 0 for puts only, 100 for gets only
 * @param consistency of reads, as the header {@code quorate-read-consistency} says it; null for no such header
 * @param connections shared by the clients
 * @param threads event loops
 * @param keySpace keys are drawn from so many, evenly
 * @param warmUp not measured
 * @param duration of the measured part, unless {@code total} is given
 * @param total measured requests; null to go by time
 * @param serverPids whose CPU time is counted, if they run on this machine
 * @param requestTimeout after this a request counts as failed with an unknown outcome
 */
public record BenchPlan(
        Servers servers,
        boolean targetLeader,
        int readPercent,
        boolean serializable,
        @Nullable String consistency,
        int clients,
        int connections,
        int threads,
        int valueBytes,
        int keySpace,
        String keyPrefix,
        Duration warmUp,
        Duration duration,
        @Nullable Long total,
        Duration requestTimeout,
        List<Long> serverPids) {

    public BenchPlan {
        serverPids = List.copyOf(serverPids);
    }
}
