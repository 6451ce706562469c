package dev.quorate.kv.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.quorate.kv.api.AuthEnableRequest;
import dev.quorate.kv.api.AuthRoleAddRequest;
import dev.quorate.kv.api.AuthRoleGrantPermissionRequest;
import dev.quorate.kv.api.AuthUserAddRequest;
import dev.quorate.kv.api.AuthUserChangePasswordRequest;
import dev.quorate.kv.api.AuthUserGrantRoleRequest;
import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.LeaseGrantRequest;
import dev.quorate.kv.api.LeaseKeepAliveRequest;
import dev.quorate.kv.api.LeaseRevokeRequest;
import dev.quorate.kv.api.Permission;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.auth.AuthStore;
import dev.quorate.kv.auth.Caller;
import dev.quorate.kv.auth.SimpleTokens;
import dev.quorate.kv.command.Command.Kind;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.StoreOptions;
import dev.quorate.raft.model.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What permissions mean when a command is carried out, wherever and whenever it was proposed. */
final class AuthenticatedCommandTest {

    private static final long MEMBER = 7;

    private final Path directory;
    private MvccStore store;
    private AuthStore auth;
    private KvStateMachine machine;
    private long index;

    AuthenticatedCommandTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        this.store = MvccStore.open(directory.resolve("store"), StoreOptions.defaults());
        this.auth = newAuth(store);
        this.machine = new KvStateMachine(store, auth, MEMBER);
    }

    private static AuthStore newAuth(MvccStore store) {
        return new AuthStore(store, new SimpleTokens(System::nanoTime, () -> 0));
    }

    @BeforeEach
    void enable() {
        apply(of(
                Kind.USER_ADD,
                AuthUserAddRequest.newBuilder()
                        .setName("root")
                        .setHashedPassword("h")
                        .build()));
        apply(of(
                Kind.USER_GRANT_ROLE,
                AuthUserGrantRoleRequest.newBuilder()
                        .setUser("root")
                        .setRole("root")
                        .build()));
        apply(of(Kind.AUTH_ENABLE, AuthEnableRequest.getDefaultInstance()));
    }

    @AfterEach
    void close() {
        machine.close();
    }

    private static byte[] of(Kind kind, MessageLite request) {
        return Command.of(kind, MEMBER, request.toByteArray());
    }

    private static byte[] put() {
        return of(
                Kind.PUT,
                PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("k"))
                        .setValue(ByteString.copyFromUtf8("v"))
                        .build());
    }

    private CommandResult apply(byte[] command) {
        return machine.apply(List.of(Entry.command(++index, 1, command))).get(0);
    }

    private Caller root() {
        return new Caller("root", auth.state().revision());
    }

    @Test
    void aCommandWithoutANameIsRefusedAlsoIfItsMemberKnewOfNoPermissionsYet() {
        assertEquals(new CommandResult.Refused(KvError.USER_EMPTY), apply(put()));
        assertEquals(1, store.state().revision());
    }

    @Test
    void aCommandIsCarriedOutUnderTheRevisionItWasAllowedUnder() {
        assertInstanceOf(CommandResult.Put.class, apply(AuthenticatedCommand.of(root(), put())));
    }

    @Test
    void aCommandIsRefusedWhenPermissionsHaveChangedMeanwhile() {
        byte[] allowedBefore = AuthenticatedCommand.of(root(), put());
        byte[] addRole =
                of(Kind.ROLE_ADD, AuthRoleAddRequest.newBuilder().setName("r").build());
        assertInstanceOf(CommandResult.Done.class, apply(AuthenticatedCommand.of(root(), addRole)));

        assertEquals(new CommandResult.Refused(KvError.AUTH_OLD_REVISION), apply(allowedBefore));
    }

    @Test
    void whoMayDoEverythingMakesOneUserAfterTheOther() {
        Caller root = root();

        assertInstanceOf(CommandResult.Done.class, apply(AuthenticatedCommand.of(root, addUser("alice"))));
        assertInstanceOf(CommandResult.Done.class, apply(AuthenticatedCommand.of(root, addUser("bob"))));
    }

    @Test
    void whoMayDoEverythingMustShowAgainWhoHeIsWhenHisPasswordOrHisRolesHaveChanged() {
        Caller root = root();
        byte[] password = of(
                Kind.USER_CHANGE_PASSWORD,
                AuthUserChangePasswordRequest.newBuilder()
                        .setName("root")
                        .setHashedPassword("other")
                        .build());
        assertInstanceOf(CommandResult.Done.class, apply(AuthenticatedCommand.of(root, password)));

        assertEquals(
                new CommandResult.Refused(KvError.AUTH_OLD_REVISION),
                apply(AuthenticatedCommand.of(root, addUser("alice"))));
        assertInstanceOf(CommandResult.Done.class, apply(AuthenticatedCommand.of(root(), addUser("alice"))));
        assertEquals(
                new CommandResult.Refused(KvError.AUTH_OLD_REVISION),
                apply(AuthenticatedCommand.of(new Caller("root", auth.state().revision() + 1), addUser("bob"))));
    }

    @Test
    void usersAreMadeByWhoMayDoEverythingAlone() {
        apply(AuthenticatedCommand.of(root(), addUser("alice")));
        Caller alice = new Caller("alice", auth.state().revision());

        assertEquals(
                new CommandResult.Refused(KvError.PERMISSION_DENIED),
                apply(AuthenticatedCommand.of(alice, addUser("bob"))));
        assertEquals(
                new CommandResult.Refused(KvError.USER_NOT_FOUND),
                apply(AuthenticatedCommand.of(new Caller("nobody", alice.revision()), addUser("bob"))));
    }

    @Test
    void historyIsGivenUpByTheLeaderItselfAndByNobodyWithoutAName() {
        apply(AuthenticatedCommand.of(root(), put()));
        CompactionRequest request =
                CompactionRequest.newBuilder().setRevision(2).build();

        assertEquals(new CommandResult.Refused(KvError.USER_EMPTY), apply(of(Kind.COMPACT, request)));
        assertInstanceOf(CommandResult.Done.class, apply(of(Kind.AUTO_COMPACT, request)));
        assertEquals(2, store.state().compacted());
    }

    private static byte[] addUser(String name) {
        return of(
                Kind.USER_ADD,
                AuthUserAddRequest.newBuilder()
                        .setName(name)
                        .setHashedPassword("h")
                        .build());
    }

    /** A lease of root's with a key of root's on it, and alice, who may write the keys that begin with "a". */
    private Caller aliceBesideALeaseOfRoots() {
        Caller root = root();
        byte[] grant = of(
                Kind.LEASE_GRANT,
                LeaseGrantRequest.newBuilder().setID(9).setTTL(60).build());
        assertInstanceOf(CommandResult.Leased.class, apply(AuthenticatedCommand.of(root, grant)));
        assertInstanceOf(CommandResult.Put.class, apply(AuthenticatedCommand.of(root, leased("secret", 9))));
        for (byte[] change : List.of(
                of(
                        Kind.USER_ADD,
                        AuthUserAddRequest.newBuilder()
                                .setName("alice")
                                .setHashedPassword("h")
                                .build()),
                of(Kind.ROLE_ADD, AuthRoleAddRequest.newBuilder().setName("as").build()),
                of(
                        Kind.ROLE_GRANT_PERMISSION,
                        AuthRoleGrantPermissionRequest.newBuilder()
                                .setName("as")
                                .setPerm(Permission.newBuilder()
                                        .setPermType(Permission.Type.WRITE)
                                        .setKey(ByteString.copyFromUtf8("a"))
                                        .setRangeEnd(ByteString.copyFromUtf8("b")))
                                .build()),
                of(
                        Kind.USER_GRANT_ROLE,
                        AuthUserGrantRoleRequest.newBuilder()
                                .setUser("alice")
                                .setRole("as")
                                .build()))) {
            assertInstanceOf(CommandResult.Done.class, apply(AuthenticatedCommand.of(root(), change)));
        }
        return new Caller("alice", auth.state().revision());
    }

    private static byte[] leased(String key, long lease) {
        return of(
                Kind.PUT,
                PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setLease(lease)
                        .build());
    }

    @Test
    void whoDecidesHowLongKeysLiveMustBeAllowedToWriteThem() {
        Caller alice = aliceBesideALeaseOfRoots();
        byte[] inTxn = of(
                Kind.TXN,
                TxnRequest.newBuilder()
                        .addFailure(RequestOp.newBuilder()
                                .setRequestPut(PutRequest.newBuilder()
                                        .setKey(ByteString.copyFromUtf8("a1"))
                                        .setLease(9)))
                        .build());
        for (byte[] command : List.of(
                leased("a1", 9),
                inTxn,
                of(Kind.LEASE_RENEW, LeaseKeepAliveRequest.newBuilder().setID(9).build()),
                of(Kind.LEASE_REVOKE, LeaseRevokeRequest.newBuilder().setID(9).build()))) {
            assertEquals(
                    new CommandResult.Refused(KvError.PERMISSION_DENIED),
                    apply(AuthenticatedCommand.of(alice, command)));
        }
        assertInstanceOf(CommandResult.Put.class, apply(AuthenticatedCommand.of(alice, leased("a1", 0))));
    }

    @Test
    void usersAndPermissionsAreThereAfterARestart() throws IOException {
        long revision = auth.state().revision();
        store.flush();
        machine.close();

        store = MvccStore.open(directory.resolve("store"), StoreOptions.defaults());
        auth = newAuth(store);
        machine = new KvStateMachine(store, auth, MEMBER);

        assertEquals(revision, auth.state().revision());
        assertEquals(new CommandResult.Refused(KvError.USER_EMPTY), apply(put()));
    }

    @Test
    void aSnapshotBringsThem() throws IOException {
        Path snapshot = Files.createDirectories(directory.resolve("snapshot"));
        machine.snapshot(snapshot);
        MvccStore otherStore = MvccStore.open(directory.resolve("other"), StoreOptions.defaults());
        AuthStore otherAuth = newAuth(otherStore);
        try (KvStateMachine other = new KvStateMachine(otherStore, otherAuth, MEMBER + 1)) {
            other.restore(snapshot, index);

            assertEquals(auth.state().revision(), otherAuth.state().revision());
            assertEquals(auth.state().users(), otherAuth.state().users());
            assertEquals(true, otherAuth.state().enabled());
        }
    }

    @Test
    void aDamagedCommandStopsTheMemberInsteadOfDoingSomethingElse() {
        byte[] whole = AuthenticatedCommand.of(root(), put());
        byte[] tooShort = Arrays.copyOf(whole, Command.HEADER_BYTES + 4);

        assertThrows(IllegalStateException.class, () -> apply(tooShort));
    }
}
