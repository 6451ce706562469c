package dev.quorate.kv.cli;

import dev.quorate.kv.api.AuthGrpc;
import dev.quorate.kv.api.AuthUserAddRequest;
import dev.quorate.kv.api.AuthUserChangePasswordRequest;
import dev.quorate.kv.api.AuthUserDeleteRequest;
import dev.quorate.kv.api.AuthUserGetRequest;
import dev.quorate.kv.api.AuthUserGrantRoleRequest;
import dev.quorate.kv.api.AuthUserListRequest;
import dev.quorate.kv.api.AuthUserRevokeRoleRequest;
import dev.quorate.kv.api.UserAddOptions;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "user",
        header = "Manage users and their roles.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            UserCommand.Add.class,
            UserCommand.Delete.class,
            UserCommand.Passwd.class,
            UserCommand.Get.class,
            UserCommand.ListAll.class,
            UserCommand.GrantRole.class,
            UserCommand.RevokeRole.class
        },
        footer = {"", "Example:", "  kv user add alice", "  kv user grant-role alice readers"})
final class UserCommand {

    @Mixin
    final HelpOption help = new HelpOption();

    /** A command about one user. */
    abstract static class OfUser extends ClientCommand {
        @Parameters(index = "0", paramLabel = "USER", description = "The user's name.")
        String user = "";
    }

    @Command(
            name = "add",
            header = "Add a user.",
            description = "The password is asked for, or read from standard input.",
            footer = {"", "Example:", "  kv user add alice"})
    static final class Add extends OfUser {
        @Option(names = "--no-password", description = "The user is known by a certificate only.")
        private boolean noPassword;

        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            client.change(
                    AuthGrpc.getUserAddMethod(),
                    AuthUserAddRequest.newBuilder()
                            .setName(user)
                            .setPassword(noPassword ? "" : Passwords.ask("Password of " + user))
                            .setOptions(UserAddOptions.newBuilder().setNoPassword(noPassword))
                            .build());
            terminal.line("added user " + user);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "delete",
            header = "Delete a user.",
            footer = {"", "Example:", "  kv user delete alice"})
    static final class Delete extends OfUser {
        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            client.change(
                    AuthGrpc.getUserDeleteMethod(),
                    AuthUserDeleteRequest.newBuilder().setName(user).build());
            terminal.line("deleted user " + user);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "passwd",
            header = "Change a user's password; whoever logged in with the old one has to again.",
            footer = {"", "Example:", "  kv user passwd alice"})
    static final class Passwd extends OfUser {
        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            client.change(
                    AuthGrpc.getUserChangePasswordMethod(),
                    AuthUserChangePasswordRequest.newBuilder()
                            .setName(user)
                            .setPassword(Passwords.ask("New password of " + user))
                            .build());
            terminal.line("changed the password of " + user);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "get",
            header = "Show a user's roles.",
            footer = {"", "Example:", "  kv user get alice"})
    static final class Get extends OfUser {
        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            List<String> roles = client.ask(
                            AuthGrpc.getUserGetMethod(),
                            AuthUserGetRequest.newBuilder().setName(user).build())
                    .getRolesList();
            if (output.json()) {
                terminal.line(JsonWriter.object(json -> json.field("user", user).stringsField("roles", roles)));
            } else {
                roles.forEach(terminal::line);
            }
            return ExitCode.OK;
        }
    }

    @Command(
            name = "list",
            header = "List all users.",
            footer = {"", "Example:", "  kv user list --output json"})
    static final class ListAll extends ClientCommand {
        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            List<String> users = client.ask(AuthGrpc.getUserListMethod(), AuthUserListRequest.getDefaultInstance())
                    .getUsersList();
            if (output.json()) {
                terminal.line(JsonWriter.object(json -> json.stringsField("users", users)));
            } else {
                users.forEach(terminal::line);
            }
            return ExitCode.OK;
        }
    }

    @Command(
            name = "grant-role",
            header = "Give a role to a user.",
            footer = {"", "Example:", "  kv user grant-role alice readers"})
    static final class GrantRole extends OfUser {
        @Parameters(index = "1", paramLabel = "ROLE", description = "The role.")
        private String role = "";

        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            client.change(
                    AuthGrpc.getUserGrantRoleMethod(),
                    AuthUserGrantRoleRequest.newBuilder()
                            .setUser(user)
                            .setRole(role)
                            .build());
            terminal.line(user + " has the role " + role);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "revoke-role",
            header = "Take a role from a user.",
            footer = {"", "Example:", "  kv user revoke-role alice readers"})
    static final class RevokeRole extends OfUser {
        @Parameters(index = "1", paramLabel = "ROLE", description = "The role.")
        private String role = "";

        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            client.change(
                    AuthGrpc.getUserRevokeRoleMethod(),
                    AuthUserRevokeRoleRequest.newBuilder()
                            .setName(user)
                            .setRole(role)
                            .build());
            terminal.line(user + " has the role " + role + " no more");
            return ExitCode.OK;
        }
    }
}
