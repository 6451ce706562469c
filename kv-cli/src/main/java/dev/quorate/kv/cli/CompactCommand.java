package dev.quorate.kv.cli;

import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "compact",
        header = "Give up the history before a revision.",
        description = "What is there now stays; reads and watches of what was there before the revision are refused.",
        footer = {"", "Example:", "  kv compact 1000 --physical"})
final class CompactCommand extends ClientCommand {

    @Parameters(paramLabel = "REVISION", description = "The oldest revision that can be read afterwards.")
    private long revision;

    @Option(names = "--physical", description = "Wait until the server that answers has removed it.")
    private boolean physical;

    @Override
    ExitCode run(KvClient client, Terminal terminal) {
        client.change(
                KVGrpc.getCompactMethod(),
                CompactionRequest.newBuilder()
                        .setRevision(revision)
                        .setPhysical(physical)
                        .build());
        terminal.line("compacted revision " + revision);
        return ExitCode.OK;
    }
}
