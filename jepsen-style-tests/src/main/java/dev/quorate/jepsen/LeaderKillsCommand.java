package dev.quorate.jepsen;

import dev.quorate.jepsen.run.ChaosRun;
import dev.quorate.jepsen.run.LeaderKills;
import dev.quorate.jepsen.run.RunReport;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chaos leader-kills}: how long until writes go on. */
@Command(
        name = "leader-kills",
        description = "Kills the leader again and again under load, and shows how soon writes go on.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example: ./chaos leader-kills --kills 20"})
final class LeaderKillsCommand implements Callable<Integer> {

    /** A kill, the recovery and the calm after it take far less. */
    private static final Duration MAX_FOR_A_KILL = Duration.ofSeconds(60);

    @Option(
            names = "--kills",
            paramLabel = "N",
            defaultValue = "20",
            description = "How many (default: ${DEFAULT-VALUE}).")
    private int kills;

    @Mixin
    private RunOptions runOptions = new RunOptions();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        Console console = new Console(spec.commandLine().getOut());
        ChaosRun.Options options = runOptions.toOptions(MAX_FOR_A_KILL.multipliedBy(kills));
        console.progress("seed " + options.seed() + ", " + kills + " leader kills, files in " + options.directory());
        RunReport report = ChaosRun.run(
                options,
                runOptions.system(),
                runOptions.nodes(),
                (cluster, client, clock, recorder) ->
                        new LeaderKills(kills, options.seed(), cluster, client, clock, recorder, console::progress),
                console::progress);
        return console.report(options, report);
    }
}
