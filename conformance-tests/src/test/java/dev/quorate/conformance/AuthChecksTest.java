package dev.quorate.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.AuthDisableRequest;
import dev.quorate.kv.api.AuthEnableRequest;
import dev.quorate.kv.api.AuthGrpc;
import dev.quorate.kv.api.AuthGrpc.AuthBlockingStub;
import dev.quorate.kv.api.AuthRoleAddRequest;
import dev.quorate.kv.api.AuthRoleDeleteRequest;
import dev.quorate.kv.api.AuthRoleGetRequest;
import dev.quorate.kv.api.AuthRoleGrantPermissionRequest;
import dev.quorate.kv.api.AuthRoleListRequest;
import dev.quorate.kv.api.AuthRoleRevokePermissionRequest;
import dev.quorate.kv.api.AuthStatusRequest;
import dev.quorate.kv.api.AuthUserAddRequest;
import dev.quorate.kv.api.AuthUserChangePasswordRequest;
import dev.quorate.kv.api.AuthUserDeleteRequest;
import dev.quorate.kv.api.AuthUserGetRequest;
import dev.quorate.kv.api.AuthUserGrantRoleRequest;
import dev.quorate.kv.api.AuthUserListRequest;
import dev.quorate.kv.api.AuthUserRevokeRoleRequest;
import dev.quorate.kv.api.AuthenticateRequest;
import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.Compare;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.KVGrpc.KVBlockingStub;
import dev.quorate.kv.api.MemberListRequest;
import dev.quorate.kv.api.MemberRemoveRequest;
import dev.quorate.kv.api.Permission;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.SnapshotRequest;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.api.UserAddOptions;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Auth, and what it lets through. */
@ConformanceChecks
final class AuthChecksTest extends Checks {

    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
    private static final String DENIED = "etcdserver: permission denied";

    AuthChecksTest(Server server) {
        super(server);
    }

    // ---- managing users and roles, while everybody may
    // ---------------------------------------------------------------

    private AuthBlockingStub auth() {
        return cluster().stub(0, AuthGrpc::newBlockingStub);
    }

    private void addUser(AuthBlockingStub auth, String name, String password) {
        auth.userAdd(AuthUserAddRequest.newBuilder()
                .setName(name)
                .setPassword(password)
                .build());
    }

    private void deleteUser(AuthBlockingStub auth, String name) {
        auth.userDelete(AuthUserDeleteRequest.newBuilder().setName(name).build());
    }

    private void addRole(AuthBlockingStub auth, String name) {
        auth.roleAdd(AuthRoleAddRequest.newBuilder().setName(name).build());
    }

    private void deleteRole(AuthBlockingStub auth, String name) {
        auth.roleDelete(AuthRoleDeleteRequest.newBuilder().setRole(name).build());
    }

    private void grant(AuthBlockingStub auth, String user, String role) {
        auth.userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                .setUser(user)
                .setRole(role)
                .build());
    }

    private void allow(AuthBlockingStub auth, String role, Permission.Type type, ByteString key, ByteString end) {
        auth.roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                .setName(role)
                .setPerm(Permission.newBuilder().setPermType(type).setKey(key).setRangeEnd(end))
                .build());
    }

    private List<String> rolesOf(AuthBlockingStub auth, String user) {
        return auth.userGet(AuthUserGetRequest.newBuilder().setName(user).build())
                .getRolesList();
    }

    @Test
    void usersHaveRoles() {
        AuthBlockingStub auth = auth();
        addUser(auth, "carol", "secret");
        addRole(auth, "writers");
        grant(auth, "carol", "writers");
        grant(auth, "carol", "writers"); // again is no error

        assertEquals(List.of("writers"), rolesOf(auth, "carol"));
        assertTrue(auth.userList(AuthUserListRequest.getDefaultInstance())
                .getUsersList()
                .contains("carol"));
        assertTrue(auth.roleList(AuthRoleListRequest.getDefaultInstance())
                .getRolesList()
                .contains("writers"));

        deleteRole(auth, "writers");
        assertEquals(List.of(), rolesOf(auth, "carol"));
        deleteUser(auth, "carol");
        assertFalse(auth.userList(AuthUserListRequest.getDefaultInstance())
                .getUsersList()
                .contains("carol"));
    }

    @Test
    void whatIsNotThereOrThereAlreadyIsRefused() {
        AuthBlockingStub auth = auth();
        addUser(auth, "dave", "secret");
        addRole(auth, "readers");

        assertRefused(Code.INVALID_ARGUMENT, "etcdserver: user name is empty", () -> addUser(auth, "", "x"));
        assertRefused(
                Code.FAILED_PRECONDITION, "etcdserver: user name already exists", () -> addUser(auth, "dave", ""));
        assertRefused(Code.FAILED_PRECONDITION, "etcdserver: user name not found", () -> deleteUser(auth, "nobody"));
        assertRefused(Code.FAILED_PRECONDITION, "etcdserver: user name not found", () -> rolesOf(auth, "nobody"));
        assertRefused(
                Code.FAILED_PRECONDITION,
                "etcdserver: user name not found",
                () -> auth.userChangePassword(AuthUserChangePasswordRequest.newBuilder()
                        .setName("nobody")
                        .setPassword("x")
                        .build()));
        assertRefused(Code.FAILED_PRECONDITION, "etcdserver: role name already exists", () -> addRole(auth, "readers"));
        assertRefused(Code.FAILED_PRECONDITION, "etcdserver: role name not found", () -> grant(auth, "dave", "none"));
        assertRefused(Code.FAILED_PRECONDITION, "etcdserver: role name not found", () -> deleteRole(auth, "none"));
        assertRefused(
                Code.FAILED_PRECONDITION,
                "etcdserver: role is not granted to the user",
                () -> auth.userRevokeRole(AuthUserRevokeRoleRequest.newBuilder()
                        .setName("dave")
                        .setRole("readers")
                        .build()));
        assertRefused(
                Code.FAILED_PRECONDITION,
                "etcdserver: permission is not granted to the role",
                () -> auth.roleRevokePermission(AuthRoleRevokePermissionRequest.newBuilder()
                        .setRole("readers")
                        .setKey(key("k"))
                        .build()));

        deleteRole(auth, "readers");
        deleteUser(auth, "dave");
    }

    @Test
    void permissionsAreKeptInTheOrderOfTheirKeysAndReplaced() {
        AuthBlockingStub auth = auth();
        addRole(auth, "sorted");
        allow(auth, "sorted", Permission.Type.READ, bytes("b"), bytes("c"));
        allow(auth, "sorted", Permission.Type.WRITE, bytes("a"), ByteString.EMPTY);
        allow(auth, "sorted", Permission.Type.READWRITE, bytes("b"), bytes("c"));

        List<Permission> permissions = auth.roleGet(
                        AuthRoleGetRequest.newBuilder().setRole("sorted").build())
                .getPermList();

        assertEquals(
                List.of(
                        Permission.newBuilder()
                                .setPermType(Permission.Type.WRITE)
                                .setKey(bytes("a"))
                                .build(),
                        Permission.newBuilder()
                                .setPermType(Permission.Type.READWRITE)
                                .setKey(bytes("b"))
                                .setRangeEnd(bytes("c"))
                                .build()),
                permissions);
        deleteRole(auth, "sorted");
    }

    @Test
    void withoutAuthNobodyAuthenticatesAndEnablingNeedsARoot() {
        AuthBlockingStub auth = auth();

        assertRefused(
                Code.FAILED_PRECONDITION,
                "etcdserver: authentication is not enabled",
                () -> auth.authenticate(AuthenticateRequest.newBuilder()
                        .setName("root")
                        .setPassword("x")
                        .build()));
        assertRefused(
                Code.FAILED_PRECONDITION,
                "etcdserver: root user does not exist",
                () -> auth.authEnable(AuthEnableRequest.getDefaultInstance()));
        addUser(auth, "root", "x");
        assertRefused(
                Code.FAILED_PRECONDITION,
                "etcdserver: root user does not have root role",
                () -> auth.authEnable(AuthEnableRequest.getDefaultInstance()));
        deleteUser(auth, "root");
    }

    @Test
    @Since("3.5")
    void aUserWithoutAPasswordCannotAuthenticateAndTheStatusTellsTheRevision() {
        withAuth(root -> {
            root.userAdd(AuthUserAddRequest.newBuilder()
                    .setName("machine")
                    .setOptions(UserAddOptions.newBuilder().setNoPassword(true))
                    .build());
            long before =
                    auth().authStatus(AuthStatusRequest.getDefaultInstance()).getAuthRevision();

            assertRefused(
                    Code.INVALID_ARGUMENT,
                    "etcdserver: authentication failed, invalid user ID or password",
                    () -> tokenOf("machine", ""));

            deleteUser(root, "machine");
            assertEquals(
                    before + 1,
                    auth().authStatus(AuthStatusRequest.getDefaultInstance()).getAuthRevision());
        });
    }

    @Test
    @Since("3.5")
    void aPermissionOnNothingIsRefused() {
        AuthBlockingStub auth = auth();
        addRole(auth, "empty");

        assertRefused(
                Code.INVALID_ARGUMENT,
                "etcdserver: invalid auth management",
                () -> allow(auth, "empty", Permission.Type.READ, bytes("b"), bytes("a")));
        assertRefused(
                Code.INVALID_ARGUMENT,
                "etcdserver: permission not given",
                () -> auth.roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                        .setName("empty")
                        .build()));

        deleteRole(auth, "empty");
    }

    // ---- with permissions in force
    // ------------------------------------------------------------------------------------

    /** What is done by root; auth is on meanwhile. */
    private interface Body {
        void run(AuthBlockingStub root);
    }

    private void withAuth(Body body) {
        AuthBlockingStub open = auth();
        addUser(open, "root", "rootpw");
        grant(open, "root", "root");
        addUser(open, "alice", "alicepw");
        addRole(open, "alices");
        allow(open, "alices", Permission.Type.READ, key("r"), end(key("r")));
        allow(open, "alices", Permission.Type.WRITE, key("w"), end(key("w")));
        grant(open, "alice", "alices");
        open.authEnable(AuthEnableRequest.getDefaultInstance());
        String token = tokenOf("root", "rootpw");
        try {
            body.run(as(token, auth()));
        } finally {
            as(token, auth()).authDisable(AuthDisableRequest.getDefaultInstance());
            deleteUser(auth(), "alice");
            deleteRole(auth(), "alices");
            deleteUser(auth(), "root");
        }
    }

    private String tokenOf(String user, String password) {
        return auth().authenticate(AuthenticateRequest.newBuilder()
                        .setName(user)
                        .setPassword(password)
                        .build())
                .getToken();
    }

    private static <S extends AbstractStub<S>> S as(String token, S stub) {
        Metadata headers = new Metadata();
        headers.put(TOKEN, token);
        return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private KVBlockingStub kvAs(String token) {
        return as(token, cluster().kv());
    }

    private PutRequest putTo(String name) {
        return PutRequest.newBuilder().setKey(key(name)).setValue(bytes("v")).build();
    }

    private RangeRequest rangeOf(String name) {
        return RangeRequest.newBuilder().setKey(key(name)).build();
    }

    @Test
    void nothingIsDoneForNobodyOrForAWrongToken() {
        withAuth(root -> {
            KVBlockingStub nobody = cluster().kv();
            KVBlockingStub forged = kvAs("AbCdEfGhIjKlMnOp.1");

            assertRefused(Code.INVALID_ARGUMENT, "etcdserver: user name is empty", () -> nobody.put(putTo("w")));
            assertRefused(Code.INVALID_ARGUMENT, "etcdserver: user name is empty", () -> nobody.range(rangeOf("r")));
            assertRefused(
                    Code.INVALID_ARGUMENT,
                    "etcdserver: user name is empty",
                    () -> nobody.deleteRange(
                            DeleteRangeRequest.newBuilder().setKey(key("w")).build()));
            assertRefused(
                    Code.INVALID_ARGUMENT,
                    "etcdserver: user name is empty",
                    () -> auth().authDisable(AuthDisableRequest.getDefaultInstance()));
            assertRefused(Code.UNAUTHENTICATED, "etcdserver: invalid auth token", () -> forged.range(rangeOf("r")));
            assertRefused(Code.UNAUTHENTICATED, "etcdserver: invalid auth token", () -> forged.put(putTo("w")));
            assertEquals(
                    3,
                    cluster()
                            .members(0)
                            .memberList(MemberListRequest.getDefaultInstance())
                            .getMembersCount());
        });
    }

    @Test
    void aWrongPasswordAndAnUnknownUserFailAlike() {
        String text = "etcdserver: authentication failed, invalid user ID or password";
        withAuth(root -> {
            assertRefused(Code.INVALID_ARGUMENT, text, () -> tokenOf("alice", "wrong"));
            assertRefused(Code.INVALID_ARGUMENT, text, () -> tokenOf("nobody", "x"));
        });
    }

    @Test
    void permissionsMustCoverTheWholeRequest() {
        put(key("r"), "before");
        withAuth(root -> {
            KVBlockingStub alice = kvAs(tokenOf("alice", "alicepw"));

            assertEquals(
                    "before", alice.range(rangeOf("r")).getKvs(0).getValue().toStringUtf8());
            assertTrue(alice.put(putTo("w1")).getHeader().getRevision() > 1);
            assertRefused(Code.PERMISSION_DENIED, DENIED, () -> alice.put(putTo("r")));
            assertRefused(Code.PERMISSION_DENIED, DENIED, () -> alice.range(rangeOf("w1")));
            assertRefused(
                    Code.PERMISSION_DENIED,
                    DENIED,
                    () -> alice.range(RangeRequest.newBuilder()
                            .setKey(key("r"))
                            .setRangeEnd(key("z"))
                            .build()));
            assertRefused(
                    Code.PERMISSION_DENIED,
                    DENIED,
                    () -> alice.range(RangeRequest.newBuilder()
                            .setKey(key("r"))
                            .setRangeEnd(ByteString.copyFrom(new byte[1]))
                            .build()));
            assertRefused(
                    Code.PERMISSION_DENIED,
                    DENIED,
                    () -> alice.put(putTo("w1").toBuilder().setPrevKv(true).build()));
            assertRefused(
                    Code.PERMISSION_DENIED,
                    DENIED,
                    () -> alice.deleteRange(DeleteRangeRequest.newBuilder()
                            .setKey(key("w1"))
                            .setPrevKv(true)
                            .build()));
        });
    }

    @Test
    void aTransactionNeedsPermissionForBothBranchesAndItsGuards() {
        withAuth(root -> {
            KVBlockingStub alice = kvAs(tokenOf("alice", "alicepw"));
            RequestOp allowed =
                    RequestOp.newBuilder().setRequestPut(putTo("w1")).build();
            RequestOp denied =
                    RequestOp.newBuilder().setRequestPut(putTo("secret")).build();

            assertTrue(alice.txn(TxnRequest.newBuilder().addSuccess(allowed).build())
                    .getSucceeded());
            assertRefused(
                    Code.PERMISSION_DENIED,
                    DENIED,
                    () -> alice.txn(TxnRequest.newBuilder()
                            .addSuccess(allowed)
                            .addFailure(denied)
                            .build()));
            assertRefused(
                    Code.PERMISSION_DENIED,
                    DENIED,
                    () -> alice.txn(TxnRequest.newBuilder()
                            .addCompare(
                                    Compare.newBuilder().setKey(key("secret")).setTarget(Compare.CompareTarget.VERSION))
                            .addSuccess(allowed)
                            .build()));
        });
    }

    /** CVE-2026-33343: etcd before its mend looks at the outermost branches only. */
    @Test
    @Since("3.6")
    void aNestedTransactionNeedsPermissionToo() {
        withAuth(root -> {
            KVBlockingStub alice = kvAs(tokenOf("alice", "alicepw"));
            RequestOp denied =
                    RequestOp.newBuilder().setRequestPut(putTo("secret")).build();

            assertRefused(
                    Code.PERMISSION_DENIED,
                    DENIED,
                    () -> alice.txn(TxnRequest.newBuilder()
                            .addSuccess(RequestOp.newBuilder()
                                    .setRequestTxn(TxnRequest.newBuilder().addFailure(denied)))
                            .build()));
            assertRefused(
                    Code.PERMISSION_DENIED,
                    DENIED,
                    () -> alice.compact(
                            CompactionRequest.newBuilder().setRevision(1).build()));
        });
    }

    @Test
    void whatIsRootsIsRefusedToOthers() {
        withAuth(root -> {
            String token = tokenOf("alice", "alicepw");
            AuthBlockingStub alice = as(token, auth());

            assertEquals(List.of("alices"), rolesOf(alice, "alice"));
            assertRefused(Code.PERMISSION_DENIED, DENIED, () -> rolesOf(alice, "root"));
            assertRefused(Code.PERMISSION_DENIED, DENIED, () -> addUser(alice, "mallory", "x"));
            assertRefused(Code.PERMISSION_DENIED, DENIED, () -> grant(alice, "alice", "root"));
            assertRefused(
                    Code.PERMISSION_DENIED,
                    DENIED,
                    () -> as(token, cluster().members(0))
                            .memberRemove(
                                    MemberRemoveRequest.newBuilder().setID(1).build()));
        });
    }

    /** 3.4 refuses, too, with the code UNKNOWN and a text of its auth package. */
    @Test
    @Since("3.6")
    void aSnapshotIsRoots() {
        withAuth(root -> {
            String token = tokenOf("alice", "alicepw");
            assertRefused(
                    Code.PERMISSION_DENIED,
                    DENIED,
                    () -> as(token, cluster().maintenance(0))
                            .snapshot(SnapshotRequest.getDefaultInstance())
                            .hasNext());
        });
    }

    @Test
    void rootCannotBeTakenAway() {
        String text = "etcdserver: invalid auth management";
        withAuth(root -> {
            assertRefused(Code.INVALID_ARGUMENT, text, () -> deleteUser(root, "root"));
            assertRefused(
                    Code.INVALID_ARGUMENT,
                    text,
                    () -> root.userRevokeRole(AuthUserRevokeRoleRequest.newBuilder()
                            .setName("root")
                            .setRole("root")
                            .build()));
        });
    }

    @Test
    void aTokenIsGoodAtEveryMemberAndDiesWithItsPassword() {
        put(key("r"), "v");
        withAuth(root -> {
            String token = tokenOf("alice", "alicepw");
            for (int node = 0; node < Cluster.NODES; node++) {
                cluster()
                        .stub(node, AuthGrpc::newBlockingStub)
                        .authenticate(AuthenticateRequest.newBuilder()
                                .setName("root")
                                .setPassword("rootpw")
                                .build()); // whose answer comes when this member has everything before it, alice's
                // token too
                assertEquals(
                        1, as(token, cluster().kv(node)).range(rangeOf("r")).getCount());
            }

            root.userChangePassword(AuthUserChangePasswordRequest.newBuilder()
                    .setName("alice")
                    .setPassword("other")
                    .build());

            assertRefused(
                    Code.UNAUTHENTICATED,
                    "etcdserver: invalid auth token",
                    () -> kvAs(token).range(rangeOf("r")));
            assertEquals(1, kvAs(tokenOf("alice", "other")).range(rangeOf("r")).getCount());
        });
    }

    @Test
    void aPermissionThatIsTakenAwayIsGoneAtOnce() {
        put(key("r"), "v");
        withAuth(root -> {
            KVBlockingStub alice = kvAs(tokenOf("alice", "alicepw"));
            assertEquals(1, alice.range(rangeOf("r")).getCount());

            root.roleRevokePermission(AuthRoleRevokePermissionRequest.newBuilder()
                    .setRole("alices")
                    .setKey(key("r"))
                    .setRangeEnd(end(key("r")))
                    .build());

            assertRefused(Code.PERMISSION_DENIED, DENIED, () -> alice.range(rangeOf("r")));
        });
    }

    @Test
    void everybodyMayAgainWhenItIsDisabled() {
        withAuth(root -> assertRefused(
                Code.INVALID_ARGUMENT,
                "etcdserver: user name is empty",
                () -> cluster().kv().put(putTo("open"))));

        assertTrue(cluster().kv().put(putTo("open")).getHeader().getRevision() > 1);
    }
}
