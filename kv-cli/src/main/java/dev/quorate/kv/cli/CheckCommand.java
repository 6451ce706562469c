package dev.quorate.kv.cli;

import dev.quorate.kv.cli.bench.PerfCheck;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "check",
        header = "Find out whether a cluster is up to something.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = CheckCommand.Perf.class,
        footer = {"", "Example:", "  kv check perf --load m"})
final class CheckCommand {

    @Mixin
    final HelpOption help = new HelpOption();

    /** Puts per second that each size asks for, as etcdctl's. */
    enum Load {
        s(150),
        m(1_000),
        l(8_000),
        xl(15_000);

        final int putsPerSecond;

        Load(int putsPerSecond) {
            this.putsPerSecond = putsPerSecond;
        }
    }

    @Command(
            name = "perf",
            header = "Check that a cluster carries a load.",
            description = {
                "Writes keys of its own at a fixed rate, and deletes them. Passes (exit code 0) if nine tenths of the rate are",
                "reached, no put takes half a second, their standard deviation is below a tenth, and none fails; else exit code 3."
            },
            footer = {"", "Example:", "  kv check perf --load l --duration 30s"})
    static final class Perf implements Callable<Integer> {

        private static final double LEAST_SHARE = 0.9;
        private static final double SLOWEST_SECONDS = 0.5;
        private static final double MOST_DEVIATION_SECONDS = 0.1;
        private static final double NANOS_PER_SECOND = 1e9;

        @Mixin
        private final EndpointOptions servers = new EndpointOptions();

        @Mixin
        private final OutputOptions output = new OutputOptions();

        @Mixin
        final HelpOption help = new HelpOption();

        @Option(
                names = "--load",
                paramLabel = "s|m|l|xl",
                defaultValue = "s",
                description = "150, 1,000, 8,000 or 15,000 puts of 1 KiB per second. Default: ${DEFAULT-VALUE}.")
        private Load load = Load.s;

        @Option(
                names = "--duration",
                paramLabel = "DURATION",
                defaultValue = "1m",
                description = "Default: ${DEFAULT-VALUE}.")
        private Duration duration = Duration.ofMinutes(1);

        @Option(
                names = "--prefix",
                paramLabel = "TEXT",
                defaultValue = "kv-check-perf/",
                description = "Of the keys that it writes; there must be none. Default: ${DEFAULT-VALUE}.")
        private String prefix = "kv-check-perf/";

        /** One thing that is asked of the cluster. */
        private record Finding(boolean passes, String text) {}

        @Override
        public Integer call() {
            if (prefix.isEmpty() || prefix.length() > 64 || !prefix.chars().allMatch(c -> c > ' ' && c < 127)) {
                throw CliException.usage("--prefix takes 1 to 64 printable ASCII characters");
            }
            ProgressBar bar = new ProgressBar(System.err, Tty.STANDARD_ERROR.isTerminal());
            PerfCheck.Result result;
            try {
                result = new PerfCheck(new PerfCheck.Plan(servers.servers(), prefix, load.putsPerSecond, duration), bar)
                        .run();
            } finally {
                bar.clear();
            }
            List<Finding> findings = findings(result);
            boolean passes = findings.stream().allMatch(Finding::passes);
            if (output.json()) {
                Terminal.standard().line(json(result, passes));
            } else {
                findings.forEach(
                        finding -> Terminal.standard().line((finding.passes() ? "PASS: " : "FAIL: ") + finding.text()));
                Terminal.standard().line(passes ? "PASS" : "FAIL");
            }
            return (passes ? ExitCode.OK : ExitCode.DEFINITE).code();
        }

        private List<Finding> findings(PerfCheck.Result result) {
            Histogram latencies = result.latencyNanos();
            double slowest = latencies.getMaxValue() / NANOS_PER_SECOND;
            double deviation = latencies.getTotalCount() == 0 ? 0 : latencies.getStdDeviation() / NANOS_PER_SECOND;
            List<Finding> findings = new ArrayList<>();
            findings.add(new Finding(
                    result.putsPerSecond() >= LEAST_SHARE * load.putsPerSecond,
                    text("Throughput is %.0f of %.0f puts/s", result.putsPerSecond(), (double) load.putsPerSecond)));
            findings.add(new Finding(slowest < SLOWEST_SECONDS, text("Slowest put took %.6f s", slowest)));
            findings.add(
                    new Finding(deviation < MOST_DEVIATION_SECONDS, text("Standard deviation is %.6f s", deviation)));
            findings.add(new Finding(
                    result.failed() == 0,
                    result.failed() + " puts failed"
                            + (result.firstError() == null ? "" : "; the first: " + result.firstError())));
            return findings;
        }

        private static String text(String format, Object... values) {
            return String.format(Locale.ROOT, format, values);
        }

        private String json(PerfCheck.Result result, boolean passes) {
            Histogram latencies = result.latencyNanos();
            return JsonWriter.object(json -> json.field("passes", passes)
                    .field("askedPutsPerSecond", load.putsPerSecond)
                    .field("putsPerSecond", result.putsPerSecond(), 1)
                    .field("slowestSeconds", latencies.getMaxValue() / NANOS_PER_SECOND, 6)
                    .field("p99Seconds", latencies.getValueAtPercentile(99) / NANOS_PER_SECOND, 6)
                    .field("deviationSeconds", latencies.getStdDeviation() / NANOS_PER_SECOND, 6)
                    .field("failed", result.failed())
                    .field("firstError", result.firstError()));
        }
    }
}
