package dev.quorate.kv.cli;

import dev.quorate.kv.cli.bench.WatchBench;
import dev.quorate.kv.cli.client.Servers;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "watch",
        header = "Many watchers at the first endpoint, and puts at a fixed rate to what they watch.",
        description = {
            "Says how late the events are, from the sending of a put to the arrival of its event. The rate is kept whatever the",
            "servers do. Exit code 3 if an event of an acknowledged put is missing."
        },
        footer = {
            "",
            "Examples:",
            "  kv bench watch --watchers 10000 --rate 1000",
            "  kv bench watch --watchers 10000 --watchers-per-key 10 --rate 1000 --duration 30s"
        })
final class WatchBenchCommand implements Callable<Integer> {

    private static final int MAX_WATCHERS = 1_000_000;
    private static final int MAX_RATE = 100_000;

    @Mixin
    private final EndpointOptions servers = new EndpointOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Mixin
    final HelpOption help = new HelpOption();

    @Option(names = "--watchers", paramLabel = "N", defaultValue = "10000", description = "Default: ${DEFAULT-VALUE}.")
    private int watchers;

    @Option(
            names = "--watchers-per-key",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many watch the same key: events for each put. Default: ${DEFAULT-VALUE}.")
    private int watchersPerKey;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Puts per second. Default: ${DEFAULT-VALUE}.")
    private int rate;

    @Option(
            names = "--value-size",
            paramLabel = "BYTES",
            defaultValue = "256",
            description = "Default: ${DEFAULT-VALUE}.")
    private int valueBytes;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "4",
            description = "For the watchers, and as many for the puts. Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(
            names = "--warm-up",
            paramLabel = "DURATION",
            defaultValue = "5s",
            description = "Not measured. Default: ${DEFAULT-VALUE}.")
    private Duration warmUp = Duration.ofSeconds(5);

    @Option(
            names = "--duration",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description = "Of the measured part. Default: ${DEFAULT-VALUE}.")
    private Duration duration = Duration.ofSeconds(10);

    @Override
    public Integer call() throws InterruptedException {
        BenchLoadCommand.require("--watchers", watchers, 1, MAX_WATCHERS);
        BenchLoadCommand.require("--watchers-per-key", watchersPerKey, 1, watchers);
        BenchLoadCommand.require("--rate", rate, 1, MAX_RATE);
        BenchLoadCommand.require("--value-size", valueBytes, Long.BYTES, BenchLoadCommand.MAX_VALUE_BYTES);
        BenchLoadCommand.require("--connections", connections, 1, 1_000);
        Servers asked = servers.servers();
        WatchBench.Plan plan = new WatchBench.Plan(
                asked.endpoints().get(0),
                asked,
                watchers,
                watchersPerKey,
                rate,
                valueBytes,
                connections,
                "bench-watch/",
                warmUp,
                duration,
                servers.localPids(asked.endpoints()));
        ProgressBar bar = new ProgressBar(System.err, Tty.STANDARD_ERROR.isTerminal());
        WatchBench.Result result;
        try {
            result = new WatchBench(plan, bar).run();
        } finally {
            bar.clear();
        }
        print(plan, result);
        boolean isComplete = result.events() >= result.expected() && result.acknowledged() > 0;
        return (isComplete ? ExitCode.OK : ExitCode.DEFINITE).code();
    }

    private void print(WatchBench.Plan plan, WatchBench.Result result) {
        Histogram delays = result.delayNanos();
        Terminal terminal = Terminal.standard();
        double eventsPerSecond = result.measuredEvents() / result.seconds();
        if (output.json()) {
            terminal.line(JsonWriter.object(json -> json.field("kind", "watch")
                    .field("watched", plan.watched().toString())
                    .field("watchers", plan.watchers())
                    .field("watchersPerKey", plan.watchersPerKey())
                    .field("putsPerSecond", plan.putsPerSecond())
                    .field("seconds", result.seconds(), 3)
                    .field("acknowledged", result.acknowledged())
                    .field("failed", result.failed())
                    .field("events", result.events())
                    .field("expected", result.expected())
                    .field("eventsPerSecond", eventsPerSecond, 1)
                    .field("p50Millis", delays.getValueAtPercentile(50) / 1e6, 3)
                    .field("p99Millis", delays.getValueAtPercentile(99) / 1e6, 3)
                    .field("p999Millis", delays.getValueAtPercentile(99.9) / 1e6, 3)
                    .field("maxMillis", delays.getMaxValue() / 1e6, 3)
                    .field("createdMillis", result.created().toMillis())
                    .field("serverCpuMicrosPerEvent", result.serverCpuMicrosPerEvent(), 2)
                    .field("firstError", result.firstError())));
            return;
        }
        terminal.line(plan.watchers() + " watchers at " + plan.watched() + ", " + plan.watchersPerKey()
                + " for each key, created in " + result.created().toMillis() + " ms; " + plan.putsPerSecond()
                + " puts/s of " + plan.valueBytes() + " bytes");
        terminal.line(String.format(
                Locale.ROOT,
                "  %,.0f events/s   (%,d of %,d that were due came, warm-up included)",
                eventsPerSecond,
                result.events(),
                result.expected()));
        terminal.line(String.format(
                Locale.ROOT,
                "  from put to event ms   p50 %.2f   p99 %.2f   p99.9 %.2f   max %.2f",
                delays.getValueAtPercentile(50) / 1e6,
                delays.getValueAtPercentile(99) / 1e6,
                delays.getValueAtPercentile(99.9) / 1e6,
                delays.getMaxValue() / 1e6));
        terminal.line("  puts   acknowledged " + result.acknowledged() + "   failed or not sent " + result.failed()
                + (result.firstError() == null ? "" : "   first: " + result.firstError()));
        if (!Double.isNaN(result.serverCpuMicrosPerEvent())) {
            terminal.line(
                    String.format(Locale.ROOT, "  CPU µs/event   servers %.1f", result.serverCpuMicrosPerEvent()));
        }
    }
}
