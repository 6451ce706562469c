package dev.quorate.kv.cli;

import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.client.ServerStatus;
import dev.quorate.kv.cli.client.StatusAnswer;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import java.util.List;
import picocli.CommandLine.Command;

@Command(
        name = "status",
        header = "Ask each endpoint how it is.",
        description = "Exit code 3 if none of them answers.",
        footer = {"", "Examples:", "  kv status", "  kv status --endpoints 127.0.0.1:2379 --output json"})
final class StatusCommand extends ClientCommand {

    @Override
    ExitCode run(KvClient client, Terminal terminal) {
        List<StatusAnswer> answers = client.statusOfAll();
        if (output.json()) {
            terminal.line(JsonWriter.object(json -> json.arrayField("endpoints", answers, StatusCommand::members)));
        } else {
            terminal.table(
                    List.of("ENDPOINT", "ID", "ROLE", "TERM", "COMMIT", "APPLIED", "DB SIZE", "VERSION"),
                    answers.stream().map(StatusCommand::row).toList());
            answers.stream()
                    .filter(answer -> answer.status() == null)
                    .forEach(answer -> System.err.println("kv status: " + answer.error()));
            for (StatusAnswer answer : answers) {
                if (answer.status() != null) {
                    answer.status()
                            .errors()
                            .forEach(error -> System.err.println("kv status: " + answer.endpoint() + ": " + error));
                }
            }
        }
        return answers.stream().anyMatch(answer -> answer.status() != null) ? ExitCode.OK : ExitCode.DEFINITE;
    }

    private static List<String> row(StatusAnswer answer) {
        ServerStatus status = answer.status();
        if (status == null) {
            return List.of(answer.endpoint().toString(), "-", answer.role(), "-", "-", "-", "-", "-");
        }
        return List.of(
                answer.endpoint().toString(),
                Long.toHexString(status.memberId()),
                answer.role(),
                Long.toString(status.term()),
                Long.toString(status.commitIndex()),
                Long.toString(status.appliedIndex()),
                Sizes.text(status.databaseBytes()),
                status.version());
    }

    private static void members(JsonWriter json, StatusAnswer answer) {
        json.field("endpoint", answer.endpoint().toString()).field("role", answer.role());
        ServerStatus status = answer.status();
        if (status == null) {
            json.field("error", answer.error());
            return;
        }
        json.idField("memberId", status.memberId())
                .idField("leaderId", status.leaderId())
                .field("term", status.term())
                .field("commitIndex", status.commitIndex())
                .field("appliedIndex", status.appliedIndex())
                .field("dbSizeBytes", status.databaseBytes())
                .field("version", status.version())
                .stringsField("errors", status.errors());
    }
}
