package dev.quorate.jepsen;

import dev.quorate.jepsen.cluster.FakeClock;
import dev.quorate.jepsen.nemesis.ClockNemesis;
import dev.quorate.jepsen.nemesis.Nemeses;
import dev.quorate.jepsen.nemesis.Nemesis;
import dev.quorate.jepsen.nemesis.Schedule;
import dev.quorate.jepsen.run.ChaosRun;
import dev.quorate.jepsen.run.RunReport;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chaos run}: random faults under load. */
@Command(
        name = "run",
        description = "Starts servers, lets clients and nemeses at them, and judges what the clients saw.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example: ./chaos run --seconds 60 --nemesis kill,pause --seed 7"})
final class RunCommand implements Callable<Integer> {

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "60",
            description = "How long clients and faults go on (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--nemesis",
            split = ",",
            paramLabel = "KIND",
            defaultValue = "kill,pause,garbage",
            description =
                    "Faults: any of kill, pause, garbage, clock (needs a C compiler); or none (default: ${DEFAULT-VALUE}).")
    private List<String> kinds = List.of();

    @Mixin
    private RunOptions runOptions = new RunOptions();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        Console console = new Console(spec.commandLine().getOut());
        ChaosRun.Options drawn = runOptions.toOptions(Duration.ofSeconds(seconds));
        ChaosRun.Options options = kinds.contains(ClockNemesis.KIND) ? drawn.withWrongClocks() : drawn;
        console.progress("seed " + options.seed() + ", faults " + kinds + ", files in " + options.directory());
        RunReport report = ChaosRun.run(
                options,
                kinds.contains(ClockNemesis.KIND)
                        ? new FakeClock(runOptions.system(), options.directory())
                        : runOptions.system(),
                runOptions.nodes(),
                (cluster, client, clock, recorder) -> {
                    List<Nemesis> nemeses = kinds.stream()
                            .filter(kind -> !kind.equals("none"))
                            .map(kind -> Nemeses.make(kind, cluster, client))
                            .toList();
                    return new Schedule(nemeses, options.seed(), clock, recorder, recorder::add, console::progress);
                },
                console::progress);
        return console.report(options, report);
    }
}
