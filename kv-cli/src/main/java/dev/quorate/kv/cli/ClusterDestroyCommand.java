package dev.quorate.kv.cli;

import dev.quorate.kv.cli.cluster.ClusterManager;
import dev.quorate.kv.cli.output.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "destroy",
        header = "Stop every node and remove the cluster's data.",
        description = "Asks first, unless --yes is given. What else lies in the directory stays.",
        footer = {"", "Example:", "  kv cluster destroy --yes"})
final class ClusterDestroyCommand implements Callable<Integer> {

    @Mixin
    private final ClusterOptions cluster = new ClusterOptions();

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean yes;

    @Override
    public Integer call() throws IOException {
        ClusterManager manager = cluster.manager();
        manager.layout();
        if (!yes && !confirmed(manager)) {
            throw CliException.definite("nothing was removed; confirm with 'yes' or --yes");
        }
        manager.destroy();
        Terminal.standard().line("Removed the cluster in " + manager.directory().root() + ".");
        return ExitCode.OK.code();
    }

    private static boolean confirmed(ClusterManager manager) throws IOException {
        System.err.print("Stop the cluster in " + manager.directory().root() + " and remove its data? Type yes: ");
        System.err.flush();
        String answer = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        return answer != null && answer.strip().equals("yes");
    }
}
