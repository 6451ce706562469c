package dev.quorate.kv.cli;

import dev.quorate.kv.cli.cluster.ClusterLayout;
import dev.quorate.kv.cli.cluster.ClusterManager;
import dev.quorate.kv.cli.output.Terminal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "restart",
        header = "Stop nodes in good order if they run, and start them again.",
        description = "Several are restarted one after the other, so that a majority stays. Without names: every node.",
        footer = {"", "Example:", "  kv cluster restart n1"})
final class ClusterRestartCommand implements Callable<Integer> {

    @Mixin
    private final ClusterOptions cluster = new ClusterOptions();

    @Parameters(arity = "0..*", paramLabel = "NODE", description = "Names such as n1.")
    private List<String> nodes = List.of();

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "30s",
            description = "How long each node may take until it answers. Default: ${DEFAULT-VALUE}.")
    private Duration wait = Duration.ofSeconds(30);

    @Override
    public Integer call() {
        ClusterManager manager = cluster.manager();
        List<String> names = nodes.isEmpty()
                ? manager.layout().nodes().stream()
                        .map(ClusterLayout.NodeAddress::name)
                        .toList()
                : nodes;
        manager.restart(names, wait);
        Terminal terminal = Terminal.standard();
        names.forEach(name -> terminal.line(name + " restarted"));
        return ExitCode.OK.code();
    }
}
