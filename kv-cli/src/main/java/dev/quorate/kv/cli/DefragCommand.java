package dev.quorate.kv.cli;

import dev.quorate.kv.api.DefragmentRequest;
import dev.quorate.kv.api.MaintenanceGrpc;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.Terminal;
import picocli.CommandLine.Command;

@Command(
        name = "defrag",
        header = "Give the room of what was compacted back to the disks of all members, one after the other.",
        description = "Members go on working meanwhile. It may take longer than the default --timeout.",
        footer = {"", "Example:", "  kv defrag --timeout 10m"})
final class DefragCommand extends ClientCommand {

    @Override
    ExitCode run(KvClient client, Terminal terminal) {
        return OnEveryEndpoint.run(
                client,
                MaintenanceGrpc.getDefragmentMethod(),
                DefragmentRequest.getDefaultInstance(),
                (endpoint, done) -> terminal.line(endpoint + ": defragmented"));
    }
}
