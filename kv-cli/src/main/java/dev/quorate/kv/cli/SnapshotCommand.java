package dev.quorate.kv.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "snapshot",
        header = "Back a cluster up, and begin a new one with a backup.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {SnapshotSaveCommand.class, SnapshotStatusCommand.class, SnapshotRestoreCommand.class},
        footer = {
            "",
            "Example: a backup, and a new cluster on this machine that begins with it.",
            "  kv snapshot save backup.db",
            "  kv cluster start --dir /tmp/new --base-port 4000 --restore backup.db"
        })
final class SnapshotCommand {

    @Mixin
    final HelpOption help = new HelpOption();
}
