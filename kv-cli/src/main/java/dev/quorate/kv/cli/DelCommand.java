package dev.quorate.kv.cli;

import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.DeleteRangeResponse;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import dev.quorate.kv.cli.txn.KeyRange;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "del",
        header = "Delete a key, or a range of keys.",
        description = "Prints how many keys were deleted. A key that does not exist is no failure: it prints 0.",
        footer = {"", "Examples:", "  kv del greeting", "  kv del --prefix users/"})
final class DelCommand extends ClientCommand {

    @Mixin
    private final RangeOptions keys = new RangeOptions();

    @Option(names = "--prev-kv", description = "Also print what was deleted.")
    private boolean previous;

    @Override
    ExitCode run(KvClient client, Terminal terminal) {
        DeleteRangeResponse response = client.delete(request());
        if (output.json()) {
            terminal.line(json(response));
            return ExitCode.OK;
        }
        terminal.line(Long.toString(response.getDeleted()));
        response.getPrevKvsList().forEach(kv -> {
            terminal.raw(kv.getKey());
            terminal.raw("\t");
            terminal.raw(kv.getValue());
            terminal.newline();
        });
        return ExitCode.OK;
    }

    private DeleteRangeRequest request() {
        KeyRange range = keys.range();
        return DeleteRangeRequest.newBuilder()
                .setKey(range.key())
                .setRangeEnd(range.end())
                .setPrevKv(previous)
                .build();
    }

    private static String json(DeleteRangeResponse response) {
        return JsonWriter.object(json -> {
            KeyValues.header(json, response.getHeader());
            json.field("deleted", response.getDeleted());
            if (response.getPrevKvsCount() > 0) {
                json.arrayField("prevKvs", response.getPrevKvsList(), KeyValues::members);
            }
        });
    }
}
