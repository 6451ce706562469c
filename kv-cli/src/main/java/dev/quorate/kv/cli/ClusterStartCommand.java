package dev.quorate.kv.cli;

import dev.quorate.kv.cli.cluster.ClusterManager;
import dev.quorate.kv.cli.cluster.StartRequest;
import dev.quorate.kv.cli.output.Terminal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "start",
        header = "Start a cluster, or the nodes of it that do not run.",
        description = {
            "Returns when a leader is elected and a linearizable read works. If everything runs already it says so and changes",
            "nothing (exit code 0). If it fails, it leaves nothing behind and nothing running that it started.",
            "The directory remembers --nodes, --base-port, --cluster-token, --jvm-args and the server's flags."
        },
        footer = {
            "",
            "Examples:",
            "  kv cluster start",
            "  kv cluster start --dir /tmp/five --nodes 5 --base-port 4000",
            "  kv cluster start --dir /tmp/copy --base-port 5000 --restore backup.db",
            "  kv cluster start --jvm-args '-Xmx2g -XX:+UseParallelGC'"
        })
final class ClusterStartCommand implements Callable<Integer> {

    @Mixin
    private final ClusterOptions cluster = new ClusterOptions();

    @Option(names = "--nodes", paramLabel = "N", description = "1, 3, 5 or 7. Default: 3.")
    private @Nullable Integer nodes;

    @Option(
            names = "--base-port",
            paramLabel = "P",
            description = "n1 listens on P (clients) and P+1 (peers), n2 on P+10 and P+11, n3 on P+20 and P+21, …")
    private @Nullable Integer basePort;

    @Option(
            names = "--cluster-token",
            paramLabel = "TOKEN",
            description = "What only this cluster's members know each other by. Default: a random one.")
    private @Nullable String token;

    @Option(
            names = "--jvm-args",
            paramLabel = "ARGS",
            description = "For each server's JVM, after kv's own, so that these win. Separated by blanks.")
    private @Nullable String jvmArguments;

    @Option(names = "--election-timeout", paramLabel = "DURATION", description = "See 'kv server --help'.")
    private @Nullable Duration electionTimeout;

    @Option(
            names = "--max-clock-drift",
            paramLabel = "FRACTION",
            description = "As of 'kv server': lets reads by lease cost no round.",
            converter = ClockDrifts.class)
    private @Nullable Double maxClockDrift;

    @Option(names = "--heartbeat-interval", paramLabel = "DURATION", description = "See 'kv server --help'.")
    private @Nullable Duration heartbeatInterval;

    @Option(names = "--snapshot-every", paramLabel = "ENTRIES", description = "See 'kv server --help'.")
    private @Nullable Long snapshotEvery;

    @Option(
            names = "--restore",
            paramLabel = "FILE",
            description = "Begin with this backup, which 'kv snapshot save' made.")
    private @Nullable Path restore;

    @Option(
            names = "--tls",
            description = {
                "With certificates, which are made for it: nobody connects without one, as a client or as a member. Commands",
                "with the same --dir use the client's, in the directory tls of it."
            })
    private boolean tls;

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "30s",
            description = "How long the cluster may take. Default: ${DEFAULT-VALUE}.")
    private Duration wait = Duration.ofSeconds(30);

    @Override
    public Integer call() {
        ClusterManager manager = cluster.manager();
        long begin = System.nanoTime();
        List<String> started = manager.start(new StartRequest(
                nodes,
                basePort,
                token,
                jvmArguments == null ? List.of() : List.of(jvmArguments.strip().split("\\s+", -1)),
                serverArguments(),
                restore,
                tls,
                wait));
        Terminal terminal = Terminal.standard();
        if (started.isEmpty()) {
            terminal.line("The cluster in " + manager.directory().root() + " is running already.");
        } else {
            long millis = (System.nanoTime() - begin) / 1_000_000;
            terminal.line("Started " + String.join(", ", started) + " in " + millis / 1000 + "." + millis % 1000 / 100
                    + " s; data and logs in " + manager.directory().root() + ".");
        }
        terminal.newline();
        ClusterStatusCommand.print(terminal, manager.status());
        terminal.newline();
        String flag = cluster.asFlag();
        terminal.line("Next:");
        terminal.line("  kv put" + flag + " greeting hello");
        terminal.line("  kv get" + flag + " greeting");
        terminal.line("  kv cluster status" + flag);
        terminal.line("  kv cluster stop" + flag);
        return ExitCode.OK.code();
    }

    private List<String> serverArguments() {
        List<String> arguments = new ArrayList<>();
        if (electionTimeout != null) {
            arguments.addAll(List.of("--election-timeout", electionTimeout.toMillis() + "ms"));
        }
        if (heartbeatInterval != null) {
            arguments.addAll(List.of("--heartbeat-interval", heartbeatInterval.toMillis() + "ms"));
        }
        if (maxClockDrift != null) {
            arguments.addAll(List.of("--max-clock-drift", maxClockDrift.toString()));
        }
        if (snapshotEvery != null) {
            arguments.addAll(List.of("--snapshot-every", snapshotEvery.toString()));
        }
        return arguments;
    }
}
