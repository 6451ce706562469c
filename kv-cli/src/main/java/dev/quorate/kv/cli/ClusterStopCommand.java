package dev.quorate.kv.cli;

import dev.quorate.kv.cli.output.Terminal;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "stop",
        header = "Stop every node in good order.",
        description = "The data stays; 'kv cluster start' goes on with it.",
        footer = {"", "Example:", "  kv cluster stop"})
final class ClusterStopCommand implements Callable<Integer> {

    @Mixin
    private final ClusterOptions cluster = new ClusterOptions();

    @Override
    public Integer call() {
        List<String> report = cluster.manager().stop();
        Terminal terminal = Terminal.standard();
        report.forEach(terminal::line);
        if (report.isEmpty()) {
            terminal.line("No node was running.");
        }
        return ExitCode.OK.code();
    }
}
