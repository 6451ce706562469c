package dev.quorate.kv.cli;

import dev.quorate.kv.api.AuthDisableRequest;
import dev.quorate.kv.api.AuthEnableRequest;
import dev.quorate.kv.api.AuthGrpc;
import dev.quorate.kv.api.AuthStatusRequest;
import dev.quorate.kv.api.AuthStatusResponse;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "auth",
        header = "Ask clients who they are, or stop asking.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {AuthCommand.Enable.class, AuthCommand.Disable.class, AuthCommand.Status.class},
        footer = {
            "",
            "Example: from here on nobody does anything without permission.",
            "  kv user add root && kv user grant-role root root && kv auth enable",
            "  kv --help user; kv --help role"
        })
final class AuthCommand {

    @Mixin
    final HelpOption help = new HelpOption();

    @Command(
            name = "enable",
            header = "Put permissions in force.",
            description = "There must be a user root with the role root, who may do everything.",
            footer = {"", "Example:", "  kv auth enable"})
    static final class Enable extends ClientCommand {
        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            client.change(AuthGrpc.getAuthEnableMethod(), AuthEnableRequest.getDefaultInstance());
            terminal.line("permissions are in force");
            return ExitCode.OK;
        }
    }

    @Command(
            name = "disable",
            header = "Let everybody do everything; users, roles and permissions stay.",
            footer = {"", "Example:", "  kv auth disable --user root"})
    static final class Disable extends ClientCommand {
        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            client.change(AuthGrpc.getAuthDisableMethod(), AuthDisableRequest.getDefaultInstance());
            terminal.line("permissions are not in force");
            return ExitCode.OK;
        }
    }

    @Command(
            name = "status",
            header = "Tell whether permissions are in force.",
            footer = {"", "Example:", "  kv auth status --output json"})
    static final class Status extends ClientCommand {
        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            AuthStatusResponse status =
                    client.ask(AuthGrpc.getAuthStatusMethod(), AuthStatusRequest.getDefaultInstance());
            terminal.line(
                    output.json()
                            ? JsonWriter.object(json -> json.field("enabled", status.getEnabled())
                                    .field("authRevision", status.getAuthRevision()))
                            : "permissions are " + (status.getEnabled() ? "" : "not ") + "in force, auth revision "
                                    + status.getAuthRevision());
            return ExitCode.OK;
        }
    }
}
