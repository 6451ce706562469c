package dev.quorate.kv.cli;

import dev.quorate.kv.cli.output.Terminal;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "kill",
        header = "Kill nodes with SIGKILL, as a crash would.",
        description = "'kv cluster restart NODE' or 'kv cluster start' brings them back.",
        footer = {"", "Example:", "  kv cluster kill n1"})
final class ClusterKillCommand implements Callable<Integer> {

    @Mixin
    private final ClusterOptions cluster = new ClusterOptions();

    @Parameters(arity = "1..*", paramLabel = "NODE", description = "Names such as n1.")
    private List<String> nodes = List.of();

    @Override
    public Integer call() {
        Terminal terminal = Terminal.standard();
        for (String node : nodes) {
            long pid = cluster.manager().kill(node);
            terminal.line(node + " (process " + pid + ") killed");
        }
        return ExitCode.OK.code();
    }
}
