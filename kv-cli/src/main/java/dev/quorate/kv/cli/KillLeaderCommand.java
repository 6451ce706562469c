package dev.quorate.kv.cli;

import dev.quorate.kv.cli.bench.KillLeader;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "kill-leader",
        header = "Kill the leader of a local cluster again and again under load.",
        description = {
            "Clients write, each write to a key of its own. For each kill -9 of the leader: the time until a write that began",
            "after it is acknowledged, and the time until the killed node is back and has caught up. In the end every key is",
            "read: exit code 0 if no acknowledged write is missing and no refused one is there."
        },
        footer = {"", "Example:", "  kv bench kill-leader --kills 20 --clients 64"})
final class KillLeaderCommand implements Callable<Integer> {

    private static final double NANOS_PER_MILLI = 1e6;

    @Mixin
    private final ClusterOptions cluster = new ClusterOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Option(names = "--kills", paramLabel = "N", defaultValue = "20", description = "Default: ${DEFAULT-VALUE}.")
    private int kills;

    @Option(names = "--clients", paramLabel = "N", defaultValue = "64", description = "Default: ${DEFAULT-VALUE}.")
    private int clients;

    @Option(
            names = "--value-size",
            paramLabel = "BYTES",
            defaultValue = "256",
            description = "Default: ${DEFAULT-VALUE}.")
    private int valueBytes;

    @Option(
            names = "--settle",
            paramLabel = "DURATION",
            defaultValue = "1s",
            description = "Undisturbed writing before each kill. Default: ${DEFAULT-VALUE}.")
    private Duration settle = Duration.ofSeconds(1);

    @Override
    public Integer call() throws InterruptedException {
        KillLeader.Plan plan = new KillLeader.Plan(kills, clients, valueBytes, settle);
        KillLeader.Report report = new KillLeader(plan, cluster.manager()).run(this::tell);
        Terminal terminal = Terminal.standard();
        if (output.json()) {
            terminal.line(json(report));
        } else {
            print(terminal, report);
        }
        return (report.lost() == 0 && report.ghosts() == 0 ? ExitCode.OK : ExitCode.DEFINITE).code();
    }

    private void tell(KillLeader.Kill kill) {
        if (!output.json()) {
            System.err.println(kill.node() + " killed; writes went on after " + millis(kill.resumedNanos())
                    + " ms; back and caught up " + millis(kill.caughtUpNanos()) + " ms after its start");
        }
    }

    private static void print(Terminal terminal, KillLeader.Report report) {
        terminal.line(report.kills().size() + " kills of the leader");
        terminal.line("  writes went on after   " + distribution(report, KillLeader.Kill::resumedNanos));
        terminal.line("  node caught up after   " + distribution(report, KillLeader.Kill::caughtUpNanos));
        terminal.line("  writes                 acknowledged " + report.acknowledged() + "   refused "
                + report.refused() + "   unknown " + report.unknown());
        terminal.line("  acknowledged and lost  " + report.lost());
        terminal.line("  refused and present    " + report.ghosts());
    }

    private static String distribution(KillLeader.Report report, ToLongFunction<KillLeader.Kill> time) {
        List<Long> sorted =
                report.kills().stream().map(time::applyAsLong).sorted().toList();
        return "min " + millis(quantile(sorted, 0)) + "   median " + millis(quantile(sorted, 0.5)) + "   p90 "
                + millis(quantile(sorted, 0.9)) + "   max " + millis(quantile(sorted, 1)) + " ms";
    }

    /** The smallest value that at least this share of the values does not exceed; 0 if there is none. */
    static long quantile(List<Long> sorted, double share) {
        if (sorted.isEmpty()) {
            return 0;
        }
        int rank = (int) Math.ceil(share * sorted.size());
        return sorted.get(Math.max(0, rank - 1));
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.0f", nanos / NANOS_PER_MILLI);
    }

    private static String json(KillLeader.Report report) {
        return JsonWriter.object(json -> json.arrayField(
                        "kills",
                        report.kills(),
                        (object, kill) -> object.field("node", kill.node())
                                .field("resumedMillis", kill.resumedNanos() / NANOS_PER_MILLI, 1)
                                .field("caughtUpMillis", kill.caughtUpNanos() / NANOS_PER_MILLI, 1))
                .field("acknowledged", report.acknowledged())
                .field("refused", report.refused())
                .field("unknown", report.unknown())
                .field("lost", report.lost())
                .field("ghosts", report.ghosts()));
    }
}
