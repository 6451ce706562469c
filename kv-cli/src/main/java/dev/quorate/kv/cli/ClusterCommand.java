package dev.quorate.kv.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "cluster",
        header = "Start, stop and look at a cluster on this machine.",
        description = {
            "Three servers on 127.0.0.1: n1 on ports 2379 (clients) and 2380 (peers), n2 on 22379 and 22380, n3 on 32379 and",
            "32380; their data in ~/.quorate. Several clusters live side by side with --dir and --base-port."
        },
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  kv cluster start",
            "  kv cluster status --output json",
            "  kv cluster kill n1 && kv cluster restart n1",
            "  kv cluster start --dir /tmp/second --base-port 4000",
            "  kv cluster destroy --dir /tmp/second --yes"
        },
        subcommands = {
            ClusterStartCommand.class,
            ClusterStopCommand.class,
            ClusterStatusCommand.class,
            ClusterKillCommand.class,
            ClusterRestartCommand.class,
            ClusterDestroyCommand.class
        })
final class ClusterCommand {

    @Mixin
    final HelpOption help = new HelpOption();
}
