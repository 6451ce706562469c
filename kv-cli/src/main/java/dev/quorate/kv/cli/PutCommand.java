package dev.quorate.kv.cli;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.PutResponse;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "put",
        header = "Write a key.",
        description = "Prints OK once the write is durable on a majority of the members.",
        footer = {
            "",
            "Examples:",
            "  kv put greeting hello",
            "  kv put --lease $(kv lease grant 10s) service up",
            "  kv put picture - < picture.png      (the value from standard input, byte for byte)"
        })
final class PutCommand extends ClientCommand {

    private static final String STANDARD_INPUT = "-";

    @Parameters(index = "0", paramLabel = "KEY", description = "The key.")
    private String key = "";

    @Parameters(index = "1", paramLabel = "VALUE", description = "The value; - reads it from standard input.")
    private String value = "";

    @Option(names = "--prev-kv", description = "Also print the value before.")
    private boolean previous;

    @Option(names = "--lease", paramLabel = "LEASE", description = "Delete the key when this lease ends.")
    private @Nullable String lease;

    @Override
    ExitCode run(KvClient client, Terminal terminal) throws IOException {
        PutRequest request = PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(
                        value.equals(STANDARD_INPUT) ? ByteString.readFrom(System.in) : ByteString.copyFromUtf8(value))
                .setPrevKv(previous)
                .setLease(lease == null ? 0 : LeaseCommand.id(lease))
                .build();
        PutResponse response = client.put(request);
        if (output.json()) {
            terminal.line(json(response));
            return ExitCode.OK;
        }
        terminal.line("OK");
        if (response.hasPrevKv()) {
            terminal.raw(response.getPrevKv().getValue());
            terminal.newline();
        }
        return ExitCode.OK;
    }

    private static String json(PutResponse response) {
        return JsonWriter.object(json -> {
            KeyValues.header(json, response.getHeader());
            if (response.hasPrevKv()) {
                json.objectField("prevKv", previous -> KeyValues.members(previous, response.getPrevKv()));
            }
        });
    }
}
