package dev.quorate.kv.auth;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.AuthRoleAddRequest;
import dev.quorate.kv.api.AuthRoleDeleteRequest;
import dev.quorate.kv.api.AuthRoleGrantPermissionRequest;
import dev.quorate.kv.api.AuthRoleRevokePermissionRequest;
import dev.quorate.kv.api.AuthUserAddRequest;
import dev.quorate.kv.api.AuthUserChangePasswordRequest;
import dev.quorate.kv.api.AuthUserDeleteRequest;
import dev.quorate.kv.api.AuthUserGrantRoleRequest;
import dev.quorate.kv.api.AuthUserRevokeRoleRequest;
import dev.quorate.kv.api.Permission;
import dev.quorate.kv.api.Role;
import dev.quorate.kv.api.User;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What each change makes of the state, or why it is refused: functions, so that all members come to the same. Every change
 * raises the auth revision by one; what changes nothing (a role granted again) does not.
 */
final class AuthChanges {

    private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);
    private static final Comparator<ByteString> BYTES = ByteString.unsignedLexicographicalComparator();
    private static final Comparator<Permission> BY_RANGE =
            Comparator.comparing(Permission::getKey, BYTES).thenComparing(Permission::getRangeEnd, BYTES);

    private AuthChanges() {}

    static AuthState enable(AuthState now) throws KvException {
        if (now.enabled()) {
            return now;
        }
        if (!now.users().containsKey(AuthState.ROOT)) {
            throw new KvException(KvError.ROOT_USER_MISSING);
        }
        if (!now.isRoot(AuthState.ROOT)) {
            throw new KvException(KvError.ROOT_ROLE_MISSING);
        }
        return new AuthState(true, now.revision(), now.users(), now.roles());
    }

    static AuthState disable(AuthState now) {
        return now.enabled() ? new AuthState(false, now.revision() + 1, now.users(), now.roles()) : now;
    }

    /** @param request with the hash of the password, not the password */
    static AuthState addUser(AuthState now, AuthUserAddRequest request) throws KvException {
        if (request.getName().isEmpty()) {
            throw new KvException(KvError.USER_EMPTY);
        }
        if (now.users().containsKey(request.getName())) {
            throw new KvException(KvError.USER_EXISTS);
        }
        User.Builder user = User.newBuilder()
                .setName(ByteString.copyFromUtf8(request.getName()))
                .setPassword(ByteString.copyFromUtf8(request.getHashedPassword()))
                .setOptions(request.getOptions());
        return withUser(now, request.getName(), user);
    }

    static AuthState deleteUser(AuthState now, AuthUserDeleteRequest request) throws KvException {
        if (now.enabled() && request.getName().equals(AuthState.ROOT)) {
            throw new KvException(KvError.INVALID_AUTH_MANAGEMENT);
        }
        requireUser(now, request.getName());
        SortedMap<String, User> users = new TreeMap<>(now.users());
        users.remove(request.getName());
        return next(now, users, now.roles());
    }

    /** @param request with the hash of the password, not the password */
    static AuthState changePassword(AuthState now, AuthUserChangePasswordRequest request) throws KvException {
        User user = requireUser(now, request.getName());
        ByteString hash = ByteString.copyFromUtf8(request.getHashedPassword());
        return withUser(now, request.getName(), user.toBuilder().setPassword(hash));
    }

    static AuthState grantRole(AuthState now, AuthUserGrantRoleRequest request) throws KvException {
        User user = requireUser(now, request.getUser());
        if (!request.getRole().equals(AuthState.ROOT)) { // which need not be added to be granted
            requireRole(now, request.getRole());
        }
        TreeSet<String> roles = new TreeSet<>(user.getRolesList());
        if (!roles.add(request.getRole())) {
            return now;
        }
        return withUser(now, request.getUser(), user.toBuilder().clearRoles().addAllRoles(roles));
    }

    static AuthState revokeRole(AuthState now, AuthUserRevokeRoleRequest request) throws KvException {
        boolean isRoot =
                request.getName().equals(AuthState.ROOT) && request.getRole().equals(AuthState.ROOT);
        if (now.enabled() && isRoot) {
            throw new KvException(KvError.INVALID_AUTH_MANAGEMENT);
        }
        User user = requireUser(now, request.getName());
        TreeSet<String> roles = new TreeSet<>(user.getRolesList());
        if (!roles.remove(request.getRole())) {
            throw new KvException(KvError.ROLE_NOT_GRANTED);
        }
        return withUser(now, request.getName(), user.toBuilder().clearRoles().addAllRoles(roles));
    }

    static AuthState addRole(AuthState now, AuthRoleAddRequest request) throws KvException {
        if (request.getName().isEmpty()) {
            throw new KvException(KvError.ROLE_EMPTY);
        }
        if (now.roles().containsKey(request.getName())) {
            throw new KvException(KvError.ROLE_EXISTS);
        }
        Role role = Role.newBuilder()
                .setName(ByteString.copyFromUtf8(request.getName()))
                .build();
        return withRole(now, request.getName(), role);
    }

    /** Whoever had the role has it no more. */
    static AuthState deleteRole(AuthState now, AuthRoleDeleteRequest request) throws KvException {
        String name = request.getRole();
        if (now.enabled() && name.equals(AuthState.ROOT)) {
            throw new KvException(KvError.INVALID_AUTH_MANAGEMENT);
        }
        requireRole(now, name);
        SortedMap<String, Role> roles = new TreeMap<>(now.roles());
        roles.remove(name);
        SortedMap<String, User> users = new TreeMap<>(now.users());
        users.replaceAll((user, known) -> {
            List<String> left = known.getRolesList().stream()
                    .filter(role -> !role.equals(name))
                    .toList();
            return left.size() == known.getRolesCount()
                    ? known
                    : changed(now, known.toBuilder().clearRoles().addAllRoles(left));
        });
        return next(now, users, roles);
    }

    static AuthState grantPermission(AuthState now, AuthRoleGrantPermissionRequest request) throws KvException {
        if (!request.hasPerm()) {
            throw new KvException(KvError.PERMISSION_NOT_GIVEN);
        }
        Permission granted = request.getPerm();
        if (!isRange(granted.getKey(), granted.getRangeEnd())
                || granted.getPermType() == Permission.Type.UNRECOGNIZED) {
            throw new KvException(KvError.INVALID_AUTH_MANAGEMENT);
        }
        Role role = requireRole(now, request.getName());
        List<Permission> permissions = new ArrayList<>(role.getKeyPermissionList());
        permissions.removeIf(known -> BY_RANGE.compare(known, granted) == 0);
        permissions.add(granted);
        permissions.sort(BY_RANGE);
        return withRole(
                now,
                request.getName(),
                role.toBuilder()
                        .clearKeyPermission()
                        .addAllKeyPermission(permissions)
                        .build());
    }

    static AuthState revokePermission(AuthState now, AuthRoleRevokePermissionRequest request) throws KvException {
        Role role = requireRole(now, request.getRole());
        List<Permission> permissions = new ArrayList<>(role.getKeyPermissionList());
        boolean isRevoked = permissions.removeIf(known ->
                known.getKey().equals(request.getKey()) && known.getRangeEnd().equals(request.getRangeEnd()));
        if (!isRevoked) {
            throw new KvException(KvError.PERMISSION_NOT_GRANTED);
        }
        return withRole(
                now,
                request.getRole(),
                role.toBuilder()
                        .clearKeyPermission()
                        .addAllKeyPermission(permissions)
                        .build());
    }

    /** An empty range grants nothing, and is most likely a mistake (etcd 3.4.25 and later). */
    private static boolean isRange(ByteString key, ByteString end) {
        return !key.isEmpty() && (end.isEmpty() || end.equals(ZERO) || BYTES.compare(key, end) < 0);
    }

    private static User requireUser(AuthState now, String name) throws KvException {
        User user = now.users().get(name);
        if (user == null) {
            throw new KvException(KvError.USER_NOT_FOUND);
        }
        return user;
    }

    private static Role requireRole(AuthState now, String name) throws KvException {
        Role role = now.roles().get(name);
        if (role == null) {
            throw new KvException(KvError.ROLE_NOT_FOUND);
        }
        return role;
    }

    /** As of the revision that the change makes. */
    private static User changed(AuthState now, User.Builder user) {
        return user.setChangedRevision(now.revision() + 1).build();
    }

    private static AuthState withUser(AuthState now, String name, User.Builder user) {
        SortedMap<String, User> users = new TreeMap<>(now.users());
        users.put(name, changed(now, user));
        return next(now, users, now.roles());
    }

    private static AuthState withRole(AuthState now, String name, Role role) {
        SortedMap<String, Role> roles = new TreeMap<>(now.roles());
        roles.put(name, role);
        return next(now, now.users(), roles);
    }

    private static AuthState next(AuthState now, SortedMap<String, User> users, SortedMap<String, Role> roles) {
        return new AuthState(now.enabled(), now.revision() + 1, users, roles);
    }
}
