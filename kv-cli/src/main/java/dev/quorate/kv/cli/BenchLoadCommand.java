package dev.quorate.kv.cli;

import dev.quorate.kv.cli.bench.Bench;
import dev.quorate.kv.cli.bench.BenchPlan;
import dev.quorate.kv.cli.bench.BenchResult;
import dev.quorate.kv.cli.client.Servers;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The three loads, which differ in how many of their requests are reads. */
abstract class BenchLoadCommand implements Callable<Integer> {

    private static final int MAX_CLIENTS = 10_000;
    static final int MAX_VALUE_BYTES = 1 << 20;
    private static final int MAX_KEY_SPACE = 100_000_000;

    @Mixin
    private final EndpointOptions servers = new EndpointOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Mixin
    final HelpOption help = new HelpOption();

    @Option(names = "--clients", paramLabel = "N", defaultValue = "64", description = "Default: ${DEFAULT-VALUE}.")
    private int clients;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "4",
            description = "Shared by the clients. Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "Event loops of this process. Default: ${DEFAULT-VALUE}.")
    private int threads;

    @Option(
            names = "--value-size",
            paramLabel = "BYTES",
            defaultValue = "256",
            description = "Default: ${DEFAULT-VALUE}.")
    private int valueBytes;

    @Option(
            names = "--key-space",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Keys are drawn evenly from so many. Default: ${DEFAULT-VALUE}.")
    private int keySpace;

    @Option(
            names = "--key-prefix",
            paramLabel = "TEXT",
            defaultValue = "bench/",
            description = "Default: ${DEFAULT-VALUE}.")
    private String keyPrefix = "bench/";

    @Option(
            names = "--warm-up",
            paramLabel = "DURATION",
            defaultValue = "3s",
            description = "Not measured. Default: ${DEFAULT-VALUE}.")
    private Duration warmUp = Duration.ofSeconds(3);

    @Option(
            names = "--duration",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description = "Of the measured part. Default: ${DEFAULT-VALUE}.")
    private Duration duration = Duration.ofSeconds(10);

    @Option(names = "--total", paramLabel = "N", description = "Measure so many requests, however long they take.")
    private @Nullable Long total;

    @Option(
            names = "--target-leader",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "true",
            description = "Send to the leader only; with false to all endpoints in turn. Default: ${DEFAULT-VALUE}.")
    private boolean targetLeader;

    @Option(
            names = "--server-pids",
            split = ",",
            paramLabel = "PID",
            description = "Servers on this machine whose CPU time is counted. Default: those of the cluster in --dir.")
    private List<Long> serverPids = List.of();

    abstract int readPercent();

    abstract boolean serializable();

    /** As the header says it, null for none. */
    @Nullable
    String consistency() {
        return null;
    }

    @Override
    public final Integer call() throws InterruptedException {
        BenchPlan plan = plan();
        ProgressBar bar = new ProgressBar(System.err, Tty.STANDARD_ERROR.isTerminal());
        BenchResult result = new Bench(plan, bar).run();
        bar.clear();
        Terminal terminal = Terminal.standard();
        if (output.json()) {
            terminal.line(json(plan, result));
        } else {
            print(terminal, plan, result);
        }
        return (result.operations() > 0 ? ExitCode.OK : ExitCode.DEFINITE).code();
    }

    private BenchPlan plan() {
        require("--clients", clients, 1, MAX_CLIENTS);
        require("--connections", connections, 1, clients);
        require("--threads", threads, 1, Runtime.getRuntime().availableProcessors());
        require("--value-size", valueBytes, 0, MAX_VALUE_BYTES);
        require("--key-space", keySpace, 1, MAX_KEY_SPACE);
        if (keyPrefix.length() > 64 || !keyPrefix.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw CliException.usage("--key-prefix takes up to 64 printable ASCII characters");
        }
        Servers asked = servers.servers();
        return new BenchPlan(
                asked,
                targetLeader,
                readPercent(),
                serializable(),
                consistency(),
                clients,
                connections,
                threads,
                valueBytes,
                keySpace,
                keyPrefix,
                warmUp,
                duration,
                total,
                servers.timeout(),
                serverPids.isEmpty() ? servers.localPids(asked.endpoints()) : serverPids);
    }

    static void require(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw CliException.usage(option + " " + value + ": give " + least + " to " + most);
        }
    }

    private static void print(Terminal terminal, BenchPlan plan, BenchResult result) {
        terminal.line(
                kind(plan) + " at " + result.target() + ": " + plan.clients() + " clients on " + plan.connections()
                        + " connections, " + plan.valueBytes() + "-byte values, " + plan.keySpace() + " keys");
        terminal.line(String.format(
                Locale.ROOT,
                "  %,.0f op/s   (%,d in %.1f s)",
                result.operationsPerSecond(),
                result.operations(),
                result.seconds()));
        terminal.line(String.format(
                Locale.ROOT,
                "  latency ms   p50 %.2f   p99 %.2f   p99.9 %.2f   max %.2f   (closed loop, not corrected)",
                result.percentileMillis(50),
                result.percentileMillis(99),
                result.percentileMillis(99.9),
                result.maxMillis()));
        terminal.line(String.format(
                Locale.ROOT,
                "  CPU µs/op    servers %s   client %.1f",
                result.serverCpuNanos() == null
                        ? "unknown (name them with --server-pids)"
                        : String.format(Locale.ROOT, "%.1f", result.serverCpuMicrosPerOperation()),
                result.clientCpuMicrosPerOperation()));
        terminal.line(
                "  errors       definite " + result.definiteErrors() + "   indefinite " + result.indefiniteErrors()
                        + (result.missing() > 0 ? "   keys not found " + result.missing() : "")
                        + (result.firstError() == null ? "" : "   first: " + result.firstError()));
    }

    private static String kind(BenchPlan plan) {
        String asked = plan.consistency() == null ? "linearizable" : plan.consistency();
        String consistency = plan.serializable() ? "serializable" : asked;
        return switch (plan.readPercent()) {
            case 0 -> "put";
            case 100 -> consistency + " get";
            default -> "put and " + plan.readPercent() + " % " + consistency + " get";
        };
    }

    static String json(BenchPlan plan, BenchResult result) {
        return JsonWriter.object(json -> {
            json.field("kind", kind(plan))
                    .field("target", result.target())
                    .field("clients", plan.clients())
                    .field("connections", plan.connections())
                    .field("valueBytes", plan.valueBytes())
                    .field("keySpace", plan.keySpace())
                    .field("seconds", result.seconds(), 3)
                    .field("operations", result.operations())
                    .field("opsPerSecond", result.operationsPerSecond(), 1)
                    .field("p50Millis", result.percentileMillis(50), 3)
                    .field("p99Millis", result.percentileMillis(99), 3)
                    .field("p999Millis", result.percentileMillis(99.9), 3)
                    .field("maxMillis", result.maxMillis(), 3)
                    .field("corrected", false)
                    .field("clientCpuMicrosPerOp", result.clientCpuMicrosPerOperation(), 2)
                    .field("serverCpuMicrosPerOp", result.serverCpuMicrosPerOperation(), 2)
                    .field("definiteErrors", result.definiteErrors())
                    .field("indefiniteErrors", result.indefiniteErrors())
                    .field("missing", result.missing())
                    .field("firstError", result.firstError());
            json.stringsField(
                    "serverPids",
                    plan.serverPids().stream().map(String::valueOf).toList());
        });
    }

    @Command(
            name = "put",
            header = "Writes only.",
            footer = {"", "Example:", "  kv bench put --clients 256 --duration 10s"})
    static final class Put extends BenchLoadCommand {
        @Override
        int readPercent() {
            return 0;
        }

        @Override
        boolean serializable() {
            return false;
        }
    }

    /** What the two loads with reads have in common. */
    abstract static class Reading extends BenchLoadCommand {

        @Mixin
        private final ConsistencyOptions reads = new ConsistencyOptions();

        @Override
        final boolean serializable() {
            return reads.serializable();
        }

        @Override
        final @Nullable String consistency() {
            return reads.header();
        }
    }

    @Command(
            name = "get",
            header = "Reads only; the keys are written first.",
            footer = {"", "Example:", "  kv bench get --clients 256 --duration 10s"})
    static final class Get extends Reading {
        @Override
        int readPercent() {
            return 100;
        }
    }

    @Command(
            name = "mixed",
            header = "Reads and writes.",
            footer = {"", "Example:", "  kv bench mixed --reads 90 --clients 64"})
    static final class Mixed extends Reading {

        @Option(
                names = "--reads",
                paramLabel = "PERCENT",
                defaultValue = "50",
                description = "How many requests of a hundred are reads. Default: ${DEFAULT-VALUE}.")
        private int reads;

        @Override
        int readPercent() {
            require("--reads", reads, 1, 99);
            return reads;
        }
    }
}
