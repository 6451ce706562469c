package dev.quorate.kv.auth;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.quorate.kv.api.AuthRoleAddRequest;
import dev.quorate.kv.api.AuthRoleDeleteRequest;
import dev.quorate.kv.api.AuthRoleGrantPermissionRequest;
import dev.quorate.kv.api.AuthRoleRevokePermissionRequest;
import dev.quorate.kv.api.AuthStatusResponse;
import dev.quorate.kv.api.AuthUserAddRequest;
import dev.quorate.kv.api.AuthUserChangePasswordRequest;
import dev.quorate.kv.api.AuthUserDeleteRequest;
import dev.quorate.kv.api.AuthUserGrantRoleRequest;
import dev.quorate.kv.api.AuthUserRevokeRoleRequest;
import dev.quorate.kv.api.Role;
import dev.quorate.kv.api.User;
import dev.quorate.kv.command.Command;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.StorageException;
import dev.quorate.kv.mvcc.Writer;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * The auth state of this member: kept in the store's rows beside the keys, in the same write as everything else that a command does;
 * held in memory whole, because every request asks it. One thread changes it, any thread reads.
 */
public final class AuthStore {

    private static final String STATE = "auth/state";
    private static final String USERS = "auth/user/";
    private static final String ROLES = "auth/role/";

    private final MvccStore store;
    private final Tokens tokens;
    private volatile AuthState state;

    public AuthStore(MvccStore store, Tokens tokens) {
        this.store = store;
        this.tokens = tokens;
        this.state = read(store.named());
    }

    /** The newest. */
    public AuthState state() {
        return state;
    }

    public Tokens tokens() {
        return tokens;
    }

    /** The store has another state now. */
    public void reload() {
        state = read(store.named());
    }

    /** Carries out a change of users, roles or permissions; by the writer's thread, in its batch. */
    public void change(Command.Kind kind, ByteString request, Writer writer)
            throws KvException, InvalidProtocolBufferException {
        AuthState now = state;
        AuthState next = switch (kind) {
            case AUTH_ENABLE -> AuthChanges.enable(now);
            case AUTH_DISABLE -> AuthChanges.disable(now);
            case USER_ADD -> AuthChanges.addUser(now, AuthUserAddRequest.parseFrom(request));
            case USER_DELETE -> AuthChanges.deleteUser(now, AuthUserDeleteRequest.parseFrom(request));
            case USER_CHANGE_PASSWORD ->
                AuthChanges.changePassword(now, AuthUserChangePasswordRequest.parseFrom(request));
            case USER_GRANT_ROLE -> AuthChanges.grantRole(now, AuthUserGrantRoleRequest.parseFrom(request));
            case USER_REVOKE_ROLE -> AuthChanges.revokeRole(now, AuthUserRevokeRoleRequest.parseFrom(request));
            case ROLE_ADD -> AuthChanges.addRole(now, AuthRoleAddRequest.parseFrom(request));
            case ROLE_DELETE -> AuthChanges.deleteRole(now, AuthRoleDeleteRequest.parseFrom(request));
            case ROLE_GRANT_PERMISSION ->
                AuthChanges.grantPermission(now, AuthRoleGrantPermissionRequest.parseFrom(request));
            case ROLE_REVOKE_PERMISSION ->
                AuthChanges.revokePermission(now, AuthRoleRevokePermissionRequest.parseFrom(request));
            default -> throw new IllegalArgumentException(kind + " changes nothing about users and roles");
        };
        if (next == now) {
            return;
        }
        write(now, next, writer);
        state = next;
        forgetTokens(now, next);
    }

    private void write(AuthState before, AuthState after, Writer writer) {
        writer.putNamed(
                STATE,
                AuthStatusResponse.newBuilder()
                        .setEnabled(after.enabled())
                        .setAuthRevision(after.revision())
                        .build()
                        .toByteArray());
        differences(before.users(), after.users(), (name, user) -> put(writer, USERS + name, user));
        differences(before.roles(), after.roles(), (name, role) -> put(writer, ROLES + name, role));
        before.users().keySet().stream()
                .filter(name -> !after.users().containsKey(name))
                .forEach(name -> writer.removeNamed(USERS + name));
        before.roles().keySet().stream()
                .filter(name -> !after.roles().containsKey(name))
                .forEach(name -> writer.removeNamed(ROLES + name));
    }

    private static void put(Writer writer, String row, com.google.protobuf.MessageLite value) {
        writer.putNamed(row, value.toByteArray());
    }

    private static <T> void differences(Map<String, T> before, Map<String, T> after, BiConsumer<String, T> each) {
        after.forEach((name, value) -> {
            if (!value.equals(before.get(name))) {
                each.accept(name, value);
            }
        });
    }

    /** A password that was changed must not be of use through a token that it bought. */
    private void forgetTokens(AuthState before, AuthState after) {
        if (!after.enabled()) {
            tokens.forgetAll();
            return;
        }
        before.users().forEach((name, user) -> {
            User now = after.users().get(name);
            if (now == null || !now.getPassword().equals(user.getPassword())) {
                tokens.forget(name);
            }
        });
    }

    private static AuthState read(SortedMap<String, byte[]> rows) {
        byte[] status = rows.get(STATE);
        if (status == null) {
            return AuthState.NEW;
        }
        try {
            AuthStatusResponse decoded = AuthStatusResponse.parseFrom(status);
            SortedMap<String, User> users = new TreeMap<>();
            SortedMap<String, Role> roles = new TreeMap<>();
            for (Map.Entry<String, byte[]> row : rows.entrySet()) {
                String name = row.getKey();
                if (name.startsWith(USERS)) {
                    users.put(name.substring(USERS.length()), User.parseFrom(row.getValue()));
                } else if (name.startsWith(ROLES)) {
                    roles.put(name.substring(ROLES.length()), Role.parseFrom(row.getValue()));
                }
            }
            return new AuthState(decoded.getEnabled(), decoded.getAuthRevision(), users, roles);
        } catch (InvalidProtocolBufferException e) {
            throw new StorageException("the users and roles in the store cannot be read: it is damaged", e);
        }
    }
}
