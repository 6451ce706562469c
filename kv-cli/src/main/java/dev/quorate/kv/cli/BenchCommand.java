package dev.quorate.kv.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "bench",
        header = "Put load on a cluster and measure it.",
        description = {
            "A closed loop: each client sends its next request when the last one is answered. Latencies are those that the",
            "clients saw, not corrected for the requests that a slow answer kept from being sent."
        },
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  kv bench put --clients 64 --duration 10s",
            "  kv bench get --clients 256 --serializable --output json",
            "  kv bench put --endpoints 127.0.0.1:2379 --server-pids $(pidof etcd | tr ' ' ,)"
        },
        subcommands = {
            BenchLoadCommand.Put.class,
            BenchLoadCommand.Get.class,
            BenchLoadCommand.Mixed.class,
            WatchBenchCommand.class,
            KillLeaderCommand.class
        })
final class BenchCommand {

    @Mixin
    final HelpOption help = new HelpOption();
}
