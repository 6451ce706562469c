package dev.quorate.kv.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "kv",
        header = "Quorate: a linearizable, replicated key-value store.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = VersionText.class,
        footer = {
            "",
            "Examples:",
            "  kv cluster start",
            "  kv put greeting hello && kv get greeting",
            "  kv COMMAND --help"
        })
final class KvCommand {

    @Mixin
    final HelpOption help = new HelpOption();

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version.")
    @SuppressWarnings("UnusedVariable") // picocli reads the option, and nobody the field
    private boolean version;
}
