package dev.quorate.kv.cli;

import dev.quorate.kv.api.MoveLeaderRequest;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "move-leader",
        header = "Hand leadership to a member.",
        description = "Writes wait meanwhile, an election timeout at the most.",
        footer = {"", "Example:", "  kv move-leader n2"})
final class MoveLeaderCommand extends ClientCommand {

    @Parameters(
            paramLabel = "MEMBER",
            description = "Its name, its ID as 'kv member list' shows it, or its peer address.")
    private String member = "";

    @Override
    ExitCode run(KvClient client, Terminal terminal) {
        long id = client.memberId(member);
        client.moveLeader(MoveLeaderRequest.newBuilder().setTargetID(id).build());
        terminal.line("moved leadership to " + Long.toHexString(id));
        return ExitCode.OK;
    }
}
