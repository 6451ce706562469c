package dev.quorate.kv.cli;

import dev.quorate.kv.api.MemberRemoveRequest;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "remove",
        header = "Remove a member.",
        description = "Its data directory is of no more use to the cluster: it can come back only with an empty one.",
        footer = {"", "Example:", "  kv member remove n4"})
final class MemberRemoveCommand extends ClientCommand {

    @Parameters(
            paramLabel = "MEMBER",
            description = "Its name, its ID as 'kv member list' shows it, or its peer address.")
    private String member = "";

    @Override
    ExitCode run(KvClient client, Terminal terminal) {
        long id = client.memberId(member);
        client.removeMember(MemberRemoveRequest.newBuilder().setID(id).build());
        terminal.line("removed " + Long.toHexString(id));
        return ExitCode.OK;
    }
}
