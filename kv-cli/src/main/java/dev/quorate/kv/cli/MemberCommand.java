package dev.quorate.kv.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "member",
        header = "Add, remove and promote members while the cluster runs.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            MemberAddCommand.class,
            MemberRemoveCommand.class,
            MemberPromoteCommand.class,
            MemberUpdateCommand.class,
            MemberListCommand.class
        },
        footer = {
            "",
            "Example: a fourth member.",
            "  kv member add 127.0.0.1:2680",
            "  kv server --name n4 --peer-address 127.0.0.1:2680 --client-address 127.0.0.1:2679 \\",
            "            --join 127.0.0.1:2379 --data-dir /tmp/n4"
        })
final class MemberCommand {

    @Mixin
    final HelpOption help = new HelpOption();
}
