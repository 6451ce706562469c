package dev.quorate.kv.cli;

import dev.quorate.kv.api.KeyValue;
import dev.quorate.kv.api.ResponseOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.api.TxnResponse;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import dev.quorate.kv.cli.txn.TxnParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine.Command;

@Command(
        name = "txn",
        header = "Run a transaction that is read from standard input.",
        description = {
            "Three sections, each ended by an empty line or the end of the input: comparisons; requests if all of them hold;",
            "requests if not. On a terminal kv prompts for each. All requests of the section happen at once, or none does.",
            "  comparison:  value|version|create|mod|lease(\"KEY\")  =|!=|<|>  \"OPERAND\"",
            "  request:     put KEY VALUE | get KEY [END] [--prefix|--from-key] [--keys-only|--count-only]",
            "               | del KEY [END] [--prefix|--from-key] [--prev-kv]",
            "In double quotes, \\\" \\\\ \\n \\r \\t and \\xNN stand for one byte each.",
            "Prints SUCCESS or FAILURE (which section ran; the exit code is 0 for both) and the answers in order."
        },
        footer = {
            "",
            "Example: put a key only if it does not exist yet, else read it.",
            "  printf 'version(\"lock\") = \"0\"\\n\\nput lock me\\n\\nget lock\\n' | kv txn"
        })
final class TxnCommand extends ClientCommand {

    @Override
    ExitCode run(KvClient client, Terminal terminal) throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        boolean prompt = Tty.STANDARD_INPUT.isTerminal();
        TxnRequest request = TxnParser.read(input, section -> {
            if (prompt) {
                System.err.println(section.prompt() + ":");
            }
        });
        TxnResponse response = client.txn(request);
        if (output.json()) {
            terminal.line(json(response));
            return ExitCode.OK;
        }
        terminal.line(response.getSucceeded() ? "SUCCESS" : "FAILURE");
        response.getResponsesList().forEach(answer -> print(terminal, answer));
        return ExitCode.OK;
    }

    private static void print(Terminal terminal, ResponseOp answer) {
        terminal.newline();
        switch (answer.getResponseCase()) {
            case RESPONSE_PUT -> {
                terminal.line("OK");
                if (answer.getResponsePut().hasPrevKv()) {
                    print(terminal, List.of(answer.getResponsePut().getPrevKv()));
                }
            }
            case RESPONSE_RANGE -> {
                if (answer.getResponseRange().getKvsCount() == 0) {
                    terminal.line("(" + answer.getResponseRange().getCount() + " keys)");
                }
                print(terminal, answer.getResponseRange().getKvsList());
            }
            case RESPONSE_DELETE_RANGE -> {
                terminal.line(Long.toString(answer.getResponseDeleteRange().getDeleted()));
                print(terminal, answer.getResponseDeleteRange().getPrevKvsList());
            }
            case RESPONSE_TXN, RESPONSE_NOT_SET -> terminal.line("(an answer that kv does not show)");
        }
    }

    private static void print(Terminal terminal, List<KeyValue> kvs) {
        for (KeyValue kv : kvs) {
            terminal.raw(kv.getKey());
            terminal.raw("\t");
            terminal.raw(kv.getValue());
            terminal.newline();
        }
    }

    private static String json(TxnResponse response) {
        return JsonWriter.object(json -> {
            KeyValues.header(json, response.getHeader());
            json.field("succeeded", response.getSucceeded())
                    .arrayField("responses", response.getResponsesList(), TxnCommand::members);
        });
    }

    private static void members(JsonWriter json, ResponseOp answer) {
        switch (answer.getResponseCase()) {
            case RESPONSE_PUT ->
                json.objectField("put", put -> {
                    if (answer.getResponsePut().hasPrevKv()) {
                        put.objectField(
                                "prevKv",
                                previous -> KeyValues.members(
                                        previous, answer.getResponsePut().getPrevKv()));
                    }
                });
            case RESPONSE_RANGE ->
                json.objectField(
                        "get",
                        get -> get.arrayField("kvs", answer.getResponseRange().getKvsList(), KeyValues::members)
                                .field("more", answer.getResponseRange().getMore())
                                .field("count", answer.getResponseRange().getCount()));
            case RESPONSE_DELETE_RANGE ->
                json.objectField(
                        "del",
                        del -> del.field(
                                        "deleted",
                                        answer.getResponseDeleteRange().getDeleted())
                                .arrayField(
                                        "prevKvs",
                                        answer.getResponseDeleteRange().getPrevKvsList(),
                                        KeyValues::members));
            case RESPONSE_TXN, RESPONSE_NOT_SET -> json.nullField("unknown");
        }
    }
}
