package dev.quorate.jepsen;

import dev.quorate.jepsen.checker.HistoryChecker;
import dev.quorate.jepsen.history.History;
import dev.quorate.jepsen.history.HistoryReader;
import dev.quorate.jepsen.run.RunReport;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code chaos check}: judges a stored history again. */
@Command(
        name = "check",
        description = "Judges a stored history again.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: ./chaos check target/chaos/20261101-120000/history.jsonl"})
final class CheckCommand implements Callable<Integer> {

    @Parameters(paramLabel = "FILE", description = "A history, as a run leaves it.")
    private Path file = Path.of("");

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        History history = HistoryReader.read(file);
        RunReport report = new RunReport(history, HistoryChecker.check(history), List.of());
        spec.commandLine().getOut().print(report.describe());
        spec.commandLine().getOut().flush();
        return report.isGood() ? Chaos.EXIT_GOOD : Chaos.EXIT_BAD;
    }
}
