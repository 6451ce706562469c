package dev.quorate.kv.cli;

import dev.quorate.kv.api.MemberPromoteRequest;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "promote",
        header = "Let a learner vote.",
        description = "Refused while it has not caught up with the leader.",
        footer = {"", "Example:", "  kv member promote n4"})
final class MemberPromoteCommand extends ClientCommand {

    @Parameters(
            paramLabel = "MEMBER",
            description = "Its name, its ID as 'kv member list' shows it, or its peer address.")
    private String member = "";

    @Override
    ExitCode run(KvClient client, Terminal terminal) {
        long id = client.memberId(member);
        client.promoteMember(MemberPromoteRequest.newBuilder().setID(id).build());
        terminal.line("promoted " + Long.toHexString(id));
        return ExitCode.OK;
    }
}
