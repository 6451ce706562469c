package dev.quorate.kv.auth;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.Permission;
import dev.quorate.kv.api.Role;
import dev.quorate.kv.api.User;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** All users, roles and permissions at one moment: a value. Any thread. */
public final class AuthState {

    /** The user, and the role, that may do everything. */
    public static final String ROOT = "root";

    /** What a new cluster has: nobody, and nobody is asked who he is. */
    static final AuthState NEW = new AuthState(false, 1, new TreeMap<>(), new TreeMap<>());

    private final boolean enabled;
    private final long revision;
    private final SortedMap<String, User> users;
    private final SortedMap<String, Role> roles;
    /** Computed when first needed. */
    private final Map<String, Permissions> permissions = new ConcurrentHashMap<>();

    AuthState(boolean enabled, long revision, SortedMap<String, User> users, SortedMap<String, Role> roles) {
        this.enabled = enabled;
        this.revision = revision;
        this.users = Collections.unmodifiableSortedMap(users);
        this.roles = Collections.unmodifiableSortedMap(roles);
    }

    /** False as long as everybody may do everything. */
    public boolean enabled() {
        return enabled;
    }

    /** Counts the changes of users, roles and permissions; 1 for a new cluster. */
    public long revision() {
        return revision;
    }

    public SortedMap<String, User> users() {
        return users;
    }

    public SortedMap<String, Role> roles() {
        return roles;
    }

    @Nullable
    User user(String name) {
        return users.get(name);
    }

    /** @throws KvException if the caller must show who he is, and has not, or as of an older revision */
    public void requireUser(Caller caller) throws KvException {
        if (!enabled) {
            return;
        }
        if (caller.user().isEmpty()) {
            throw new KvException(KvError.USER_EMPTY);
        }
        if (caller.revision() != revision) {
            throw new KvException(KvError.AUTH_OLD_REVISION);
        }
        if (!users.containsKey(caller.user())) { // a certificate's name that is no user
            throw new KvException(KvError.PERMISSION_DENIED);
        }
    }

    /**
     * Who may do everything needs nothing that other users, or roles, were given or lost: a program may make all of them with one
     * signed token, although each raises the revision. What was changed about himself makes his token an old one (etcd looks at no
     * revision here; a token would outlive the password that bought it).
     *
     * @throws KvException unless the caller may do everything
     */
    public void requireRoot(Caller caller) throws KvException {
        if (!enabled) {
            return;
        }
        if (caller.user().isEmpty()) {
            throw new KvException(KvError.USER_EMPTY);
        }
        User known = users.get(caller.user());
        if (known == null) {
            throw new KvException(KvError.USER_NOT_FOUND);
        }
        if (caller.revision() < known.getChangedRevision() || caller.revision() > revision) {
            throw new KvException(KvError.AUTH_OLD_REVISION);
        }
        if (!isRoot(caller.user())) {
            throw new KvException(KvError.PERMISSION_DENIED);
        }
    }

    /**
     * @param end as in a request: empty for the one key, "\0" for all from the key on
     * @throws KvException unless the caller may read all of the range
     */
    public void requireRead(Caller caller, ByteString key, ByteString end) throws KvException {
        requireUser(caller);
        if (enabled && !isRoot(caller.user()) && !permissions(caller.user()).mayRead(key, end)) {
            throw new KvException(KvError.PERMISSION_DENIED);
        }
    }

    /**
     * @param end as in a request: empty for the one key, "\0" for all from the key on
     * @throws KvException unless the caller may write all of the range
     */
    public void requireWrite(Caller caller, ByteString key, ByteString end) throws KvException {
        requireUser(caller);
        if (enabled && !isRoot(caller.user()) && !permissions(caller.user()).mayWrite(key, end)) {
            throw new KvException(KvError.PERMISSION_DENIED);
        }
    }

    /** True for a user with the role root. */
    public boolean isRoot(String user) {
        return hasRole(user, ROOT);
    }

    public boolean hasRole(String user, String role) {
        User known = users.get(user);
        return known != null && known.getRolesList().contains(role);
    }

    private Permissions permissions(String user) {
        return permissions.computeIfAbsent(user, this::union);
    }

    private Permissions union(String user) {
        List<Permission> all = new ArrayList<>();
        User known = users.get(user);
        if (known != null) {
            for (String name : known.getRolesList()) {
                Role role = roles.get(name);
                all.addAll(role == null ? List.of() : role.getKeyPermissionList());
            }
        }
        return Permissions.of(all);
    }
}
