package dev.quorate.kv.cli;

import dev.quorate.kv.api.MemberUpdateRequest;
import dev.quorate.kv.cli.client.Endpoint;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "update",
        header = "Tell the cluster that a member has another peer address.",
        footer = {"", "Example:", "  kv member update n4 127.0.0.1:2690"})
final class MemberUpdateCommand extends ClientCommand {

    @Parameters(
            index = "0",
            paramLabel = "MEMBER",
            description = "Its name, its ID as 'kv member list' shows it, or its peer address.")
    private String member = "";

    @Parameters(index = "1", paramLabel = "HOST:PORT", description = "Its new peer address.")
    private String address = "";

    @Override
    ExitCode run(KvClient client, Terminal terminal) {
        long id = client.memberId(member);
        client.updateMember(MemberUpdateRequest.newBuilder()
                .setID(id)
                .addPeerURLs("http://" + Endpoint.parse(address).hostPort())
                .build());
        terminal.line("updated " + Long.toHexString(id));
        return ExitCode.OK;
    }
}
