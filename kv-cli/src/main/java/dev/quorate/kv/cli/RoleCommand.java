package dev.quorate.kv.cli;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.AuthGrpc;
import dev.quorate.kv.api.AuthRoleAddRequest;
import dev.quorate.kv.api.AuthRoleDeleteRequest;
import dev.quorate.kv.api.AuthRoleGetRequest;
import dev.quorate.kv.api.AuthRoleGrantPermissionRequest;
import dev.quorate.kv.api.AuthRoleListRequest;
import dev.quorate.kv.api.AuthRoleRevokePermissionRequest;
import dev.quorate.kv.api.Permission;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import dev.quorate.kv.cli.txn.KeyRange;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "role",
        header = "Manage roles and what they permit.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            RoleCommand.Add.class,
            RoleCommand.Delete.class,
            RoleCommand.Get.class,
            RoleCommand.ListAll.class,
            RoleCommand.GrantPermission.class,
            RoleCommand.RevokePermission.class
        },
        footer = {"", "Example:", "  kv role add readers", "  kv role grant-permission readers read config/ --prefix"})
final class RoleCommand {

    private static final ByteString OPEN = ByteString.copyFrom(new byte[1]);

    @Mixin
    final HelpOption help = new HelpOption();

    /** A command about one role. */
    abstract static class OfRole extends ClientCommand {
        @Parameters(index = "0", paramLabel = "ROLE", description = "The role's name.")
        String role = "";
    }

    /** Which keys a permission is for. */
    static final class Keys {
        @Option(names = "--prefix", description = "All keys that begin with KEY; with an empty KEY all keys.")
        private boolean isPrefix;

        @Option(names = "--from-key", description = "All keys from KEY on.")
        private boolean isFrom;

        KeyRange range(String key, @Nullable String end) {
            ByteString bound = end == null ? null : ByteString.copyFromUtf8(end);
            return KeyRange.of(ByteString.copyFromUtf8(key), bound, isPrefix, isFrom);
        }
    }

    @Command(
            name = "add",
            header = "Add a role, which permits nothing yet.",
            footer = {"", "Example:", "  kv role add readers"})
    static final class Add extends OfRole {
        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            client.change(
                    AuthGrpc.getRoleAddMethod(),
                    AuthRoleAddRequest.newBuilder().setName(role).build());
            terminal.line("added role " + role);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "delete",
            header = "Delete a role; whoever has it has it no more.",
            footer = {"", "Example:", "  kv role delete readers"})
    static final class Delete extends OfRole {
        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            client.change(
                    AuthGrpc.getRoleDeleteMethod(),
                    AuthRoleDeleteRequest.newBuilder().setRole(role).build());
            terminal.line("deleted role " + role);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "get",
            header = "Show what a role permits.",
            footer = {"", "Example:", "  kv role get readers"})
    static final class Get extends OfRole {
        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            List<Permission> permissions = client.ask(
                            AuthGrpc.getRoleGetMethod(),
                            AuthRoleGetRequest.newBuilder().setRole(role).build())
                    .getPermList();
            if (output.json()) {
                terminal.line(JsonWriter.object(json -> json.field("role", role)
                        .arrayField(
                                "permissions",
                                permissions,
                                (object, each) -> object.field("type", type(each))
                                        .field("key", each.getKey())
                                        .field("rangeEnd", each.getRangeEnd()))));
            } else {
                terminal.table(
                        List.of("TYPE", "KEYS"),
                        permissions.stream()
                                .map(each -> List.of(type(each), keys(each)))
                                .toList());
            }
            return ExitCode.OK;
        }

        private static String type(Permission permission) {
            return permission.getPermType().name().toLowerCase(Locale.ROOT);
        }

        private static String keys(Permission permission) {
            String key = permission.getKey().toStringUtf8();
            if (permission.getRangeEnd().isEmpty()) {
                return key;
            }
            return permission.getRangeEnd().equals(OPEN)
                    ? "from '" + key.replace("\0", "") + "' on"
                    : "from '" + key + "' to before '"
                            + permission.getRangeEnd().toStringUtf8() + "'";
        }
    }

    @Command(
            name = "list",
            header = "List all roles.",
            footer = {"", "Example:", "  kv role list"})
    static final class ListAll extends ClientCommand {
        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            List<String> roles = client.ask(AuthGrpc.getRoleListMethod(), AuthRoleListRequest.getDefaultInstance())
                    .getRolesList();
            if (output.json()) {
                terminal.line(JsonWriter.object(json -> json.stringsField("roles", roles)));
            } else {
                roles.forEach(terminal::line);
            }
            return ExitCode.OK;
        }
    }

    @Command(
            name = "grant-permission",
            header = "Permit a role to read or write keys.",
            footer = {"", "Example:", "  kv role grant-permission readers read config/ --prefix"})
    static final class GrantPermission extends OfRole {
        @Parameters(index = "1", paramLabel = "TYPE", description = "One of ${COMPLETION-CANDIDATES}.")
        private Type type = Type.read;

        @Parameters(index = "2", paramLabel = "KEY", description = "The key, or the first of a range.")
        private String key = "";

        @Parameters(index = "3", arity = "0..1", paramLabel = "END", description = "The first key after the range.")
        private @Nullable String end;

        @Mixin
        private Keys keys = new Keys();

        /** As a person types it. */
        enum Type {
            read,
            write,
            readwrite
        }

        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            KeyRange range = keys.range(key, end);
            client.change(
                    AuthGrpc.getRoleGrantPermissionMethod(),
                    AuthRoleGrantPermissionRequest.newBuilder()
                            .setName(role)
                            .setPerm(Permission.newBuilder()
                                    .setPermType(
                                            Permission.Type.valueOf(type.name().toUpperCase(Locale.ROOT)))
                                    .setKey(range.key())
                                    .setRangeEnd(range.end()))
                            .build());
            terminal.line(role + " permits to " + type + " it");
            return ExitCode.OK;
        }
    }

    @Command(
            name = "revoke-permission",
            header = "Take a permission from a role; named as it was granted.",
            footer = {"", "Example:", "  kv role revoke-permission readers config/ --prefix"})
    static final class RevokePermission extends OfRole {
        @Parameters(index = "1", paramLabel = "KEY", description = "The key, or the first of a range.")
        private String key = "";

        @Parameters(index = "2", arity = "0..1", paramLabel = "END", description = "The first key after the range.")
        private @Nullable String end;

        @Mixin
        private Keys keys = new Keys();

        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            KeyRange range = keys.range(key, end);
            client.change(
                    AuthGrpc.getRoleRevokePermissionMethod(),
                    AuthRoleRevokePermissionRequest.newBuilder()
                            .setRole(role)
                            .setKey(range.key())
                            .setRangeEnd(range.end())
                            .build());
            terminal.line(role + " permits it no more");
            return ExitCode.OK;
        }
    }
}
