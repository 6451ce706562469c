package dev.quorate.kv.cli;

import dev.quorate.kv.api.HashKVRequest;
import dev.quorate.kv.api.HashKVResponse;
import dev.quorate.kv.api.MaintenanceGrpc;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "hashkv",
        header = "Compare what the members hold: equal hashes at equal revisions.",
        description = "Ends with code 3 if two members hold different data at the same revision.",
        footer = {"", "Example:", "  kv hashkv --rev 1000"})
final class HashkvCommand extends ClientCommand {

    @Option(names = "--rev", paramLabel = "REVISION", description = "Up to where. Default: each member's newest.")
    private long revision;

    @Override
    ExitCode run(KvClient client, Terminal terminal) {
        List<List<String>> rows = new ArrayList<>();
        List<HashKVResponse> answers = new ArrayList<>();
        ExitCode code = OnEveryEndpoint.run(
                client,
                MaintenanceGrpc.getHashKVMethod(),
                HashKVRequest.newBuilder().setRevision(revision).build(),
                (endpoint, hash) -> {
                    answers.add(hash);
                    rows.add(List.of(
                            endpoint,
                            String.format(Locale.ROOT, "%08x", hash.getHash()),
                            Long.toString(hash.getHashRevision()),
                            Long.toString(hash.getCompactRevision())));
                });
        if (output.json()) {
            terminal.line(JsonWriter.object(json -> json.arrayField(
                    "members",
                    rows,
                    (object, row) -> object.field("endpoint", row.get(0))
                            .field("hash", row.get(1))
                            .field("revision", Long.parseLong(row.get(2)))
                            .field("compactRevision", Long.parseLong(row.get(3))))));
        } else {
            terminal.table(List.of("ENDPOINT", "HASH", "REVISION", "COMPACTED"), rows);
        }
        if (differ(answers)) {
            throw CliException.definite("members hold different data at the same revision");
        }
        return code;
    }

    private static boolean differ(List<HashKVResponse> answers) {
        Set<List<Long>> places = new HashSet<>();
        Set<List<Long>> hashes = new HashSet<>();
        for (HashKVResponse each : answers) {
            places.add(List.of(each.getHashRevision(), each.getCompactRevision()));
            hashes.add(List.of(each.getHashRevision(), each.getCompactRevision(), (long) each.getHash()));
        }
        return hashes.size() > places.size();
    }
}
