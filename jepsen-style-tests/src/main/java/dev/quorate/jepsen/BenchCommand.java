package dev.quorate.jepsen;

import dev.quorate.jepsen.selfcheck.CheckerBenchmark;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code chaos bench}: how fast the checker is. */
@Command(
        name = "bench",
        description = "Measures the checker on histories that it makes itself; starts no servers.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: ./chaos bench"})
final class BenchCommand implements Callable<Integer> {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Override
    public Integer call() {
        CheckerBenchmark.run(line -> {
            spec.commandLine().getOut().println(line);
            spec.commandLine().getOut().flush();
        });
        return Chaos.EXIT_GOOD;
    }
}
