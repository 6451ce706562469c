package dev.quorate.kv.cli;

import picocli.CommandLine.Option;

/** Every command explains itself. */
final class HelpOption {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli reads the option, and nobody the field
    private boolean help;
}
