package dev.quorate.kv.cli;

import dev.quorate.kv.api.MemberAddRequest;
import dev.quorate.kv.cli.client.Endpoint;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "add",
        header = "Add a member, then start it with 'kv server --join'.",
        description = "It receives the log first and votes by itself as soon as it has caught up.",
        footer = {"", "Example:", "  kv member add 127.0.0.1:2680"})
final class MemberAddCommand extends ClientCommand {

    @Parameters(paramLabel = "HOST:PORT", description = "The new member's peer address.")
    private String address = "";

    @Option(names = "--learner", description = "It never votes, until it is promoted.")
    private boolean learner;

    @Override
    ExitCode run(KvClient client, Terminal terminal) {
        long id = client.addMember(MemberAddRequest.newBuilder()
                        .addPeerURLs("http://" + Endpoint.parse(address).hostPort())
                        .setIsLearner(learner)
                        .build())
                .getMember()
                .getID();
        terminal.line("added " + Long.toHexString(id) + " at " + address
                + (learner ? " as a learner" : ", which votes when it has caught up"));
        return ExitCode.OK;
    }
}
