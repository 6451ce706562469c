package dev.quorate.kv.cli;

import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.Terminal;
import picocli.CommandLine.Command;

@Command(
        name = "list",
        header = "List the members of the cluster, as 'kv members' does.",
        footer = {"", "Example:", "  kv member list --output json"})
final class MemberListCommand extends ClientCommand {

    @Override
    ExitCode run(KvClient client, Terminal terminal) {
        return MembersCommand.show(client.members(), output.json(), terminal);
    }
}
