package dev.quorate.kv.cli;

import picocli.CommandLine.Option;

/** How a command answers. */
final class OutputOptions {

    enum Format {
        text,
        json
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "text|json",
            defaultValue = "text",
            description = "json: one JSON object on one line. Default: ${DEFAULT-VALUE}.")
    private Format format = Format.text;

    boolean json() {
        return format == Format.json;
    }
}
