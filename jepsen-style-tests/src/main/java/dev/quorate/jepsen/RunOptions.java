package dev.quorate.jepsen;

import dev.quorate.jepsen.cluster.Etcd;
import dev.quorate.jepsen.cluster.FreePorts;
import dev.quorate.jepsen.cluster.NodeAddress;
import dev.quorate.jepsen.cluster.Quorate;
import dev.quorate.jepsen.cluster.SystemUnderTest;
import dev.quorate.jepsen.run.ChaosRun;
import dev.quorate.jepsen.workload.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What all commands that start servers take. */
final class RunOptions {

    @Option(
            names = "--system",
            defaultValue = "quorate",
            description = "What to start: quorate, or etcd from the PATH (default: ${DEFAULT-VALUE}).")
    private String system = "";

    @Option(
            names = "--library",
            paramLabel = "DIR",
            description = "The packaged product's jars (default: kv-cli/target/kv/lib, here or above).")
    private @Nullable Path library;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "3",
            description = "Servers (default: ${DEFAULT-VALUE}).")
    private int nodes;

    @Option(
            names = "--base-port",
            paramLabel = "P",
            description = "Ports P, P+1; P+10, P+11; … (default: free ones between 20000 and 32000).")
    private @Nullable Integer basePort;

    @Option(
            names = "--snapshot-every",
            paramLabel = "ENTRIES",
            description = "After how many entries a server takes a snapshot (default: the server's own).")
    private @Nullable Long snapshotEvery;

    @Option(
            names = "--clients",
            paramLabel = "N",
            defaultValue = "12",
            description = "Requests at the same time (default: ${DEFAULT-VALUE}).")
    private int clients;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "800",
            description = "Requests a second, of all clients (default: ${DEFAULT-VALUE}).")
    private int rate;

    @Option(
            names = "--keys",
            paramLabel = "N",
            defaultValue = "6",
            description = "Keys alive at the same time (default: ${DEFAULT-VALUE}).")
    private int keys;

    @Option(
            names = "--requests-per-key",
            paramLabel = "N",
            defaultValue = "300",
            description = "A key is retired after so many requests (default: ${DEFAULT-VALUE}).")
    private int requestsPerKey;

    @Option(
            names = "--watchers",
            paramLabel = "N",
            defaultValue = "3",
            description = "Watchers of all keys, who must see each change once, in order (default: ${DEFAULT-VALUE}).")
    private int watchers;

    @Option(
            names = "--lease-holders",
            paramLabel = "N",
            defaultValue = "4",
            description = "Clients that hold leases, none of which may end early (default: ${DEFAULT-VALUE}).")
    private int leaseHolders;

    @Option(
            names = "--timeout-millis",
            paramLabel = "MS",
            defaultValue = "1500",
            description = "When a client gives up a request (default: ${DEFAULT-VALUE}).")
    private int timeoutMillis;

    @Option(
            names = "--serializable-reads",
            description = "Ask for reads that may be old: a run with faults must then be found not linearizable.")
    private boolean serializableReads;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "For the history, the servers' logs and data (default: target/chaos/TIME).")
    private @Nullable Path directory;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of the faults and the requests (default: drawn, and shown).")
    private @Nullable Long seed;

    /** How long the servers may take to answer at the start, and when all faults are healed. */
    private static final Duration RECOVERY_TIMEOUT = Duration.ofMinutes(2);

    SystemUnderTest system() {
        OptionalLong snapshots = snapshotEvery == null ? OptionalLong.empty() : OptionalLong.of(snapshotEvery);
        return switch (system) {
            case "quorate" -> new Quorate(library == null ? Quorate.findLibrary() : library, snapshots);
            case "etcd" -> new Etcd(snapshots);
            default -> throw new IllegalArgumentException("--system is quorate or etcd, not " + system);
        };
    }

    List<NodeAddress> nodes() {
        return basePort == null ? FreePorts.nodes(nodes) : FreePorts.nodesFrom(basePort, nodes);
    }

    /** Draws the seed and the directory where they were not given: call it once. */
    ChaosRun.Options toOptions(Duration duration) {
        Path own = Path.of("target", "chaos", timestamp());
        return new ChaosRun.Options(
                duration,
                seed == null ? ThreadLocalRandom.current().nextInt(1_000_000) : seed,
                clients,
                rate,
                new Workload.Options(keys, requestsPerKey),
                new ChaosRun.Companionship(watchers, leaseHolders, true),
                Duration.ofMillis(timeoutMillis),
                serializableReads,
                RECOVERY_TIMEOUT,
                directory == null ? own : directory);
    }

    private static String timestamp() {
        return LocalDateTime.now(ZoneId.systemDefault()).format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
    }
}
