package dev.quorate.kv.cli;

import dev.quorate.kv.api.Member;
import dev.quorate.kv.api.MemberListResponse;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import java.util.List;
import picocli.CommandLine.Command;

@Command(
        name = "members",
        header = "List the members of the cluster.",
        description = "What the cluster agrees on, whether a member runs or not; 'kv status' asks each one.",
        footer = {"", "Example:", "  kv members --output json"})
final class MembersCommand extends ClientCommand {

    @Override
    ExitCode run(KvClient client, Terminal terminal) {
        return show(client.members(), output.json(), terminal);
    }

    static ExitCode show(MemberListResponse response, boolean asJson, Terminal terminal) {
        if (asJson) {
            terminal.line(json(response));
            return ExitCode.OK;
        }
        List<List<String>> rows =
                response.getMembersList().stream().map(MembersCommand::row).toList();
        terminal.table(List.of("ID", "NAME", "CLIENT", "PEER", "KIND"), rows);
        return ExitCode.OK;
    }

    private static List<String> row(Member member) {
        return List.of(
                Long.toHexString(member.getID()),
                member.getName(),
                String.join(",", member.getClientURLsList()),
                String.join(",", member.getPeerURLsList()),
                member.getIsLearner() ? "learner" : "voter");
    }

    private static String json(MemberListResponse response) {
        return JsonWriter.object(json -> {
            KeyValues.header(json, response.getHeader());
            json.arrayField(
                    "members",
                    response.getMembersList(),
                    (object, member) -> object.idField("id", member.getID())
                            .field("name", member.getName())
                            .stringsField("clientUrls", member.getClientURLsList())
                            .stringsField("peerUrls", member.getPeerURLsList())
                            .field("learner", member.getIsLearner()));
        });
    }
}
