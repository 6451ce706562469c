package dev.quorate.kv.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.quorate.kv.api.AuthDisableResponse;
import dev.quorate.kv.api.AuthEnableResponse;
import dev.quorate.kv.api.AuthGrpc;
import dev.quorate.kv.api.AuthRoleAddResponse;
import dev.quorate.kv.api.AuthRoleDeleteResponse;
import dev.quorate.kv.api.AuthRoleGetRequest;
import dev.quorate.kv.api.AuthRoleGetResponse;
import dev.quorate.kv.api.AuthRoleGrantPermissionResponse;
import dev.quorate.kv.api.AuthRoleListResponse;
import dev.quorate.kv.api.AuthRoleRevokePermissionResponse;
import dev.quorate.kv.api.AuthStatusResponse;
import dev.quorate.kv.api.AuthUserAddRequest;
import dev.quorate.kv.api.AuthUserAddResponse;
import dev.quorate.kv.api.AuthUserChangePasswordRequest;
import dev.quorate.kv.api.AuthUserChangePasswordResponse;
import dev.quorate.kv.api.AuthUserDeleteResponse;
import dev.quorate.kv.api.AuthUserGetRequest;
import dev.quorate.kv.api.AuthUserGetResponse;
import dev.quorate.kv.api.AuthUserGrantRoleResponse;
import dev.quorate.kv.api.AuthUserListResponse;
import dev.quorate.kv.api.AuthUserRevokeRoleResponse;
import dev.quorate.kv.api.AuthenticateRequest;
import dev.quorate.kv.api.AuthenticateResponse;
import dev.quorate.kv.api.Permission;
import dev.quorate.kv.api.ResponseHeader;
import dev.quorate.kv.api.Role;
import dev.quorate.kv.api.User;
import dev.quorate.kv.auth.AuthState;
import dev.quorate.kv.auth.AuthStore;
import dev.quorate.kv.auth.Caller;
import dev.quorate.kv.auth.Passwords;
import dev.quorate.kv.command.AuthenticatedCommand;
import dev.quorate.kv.command.Command;
import dev.quorate.kv.command.CommandResult;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import io.grpc.ServerServiceDefinition;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/** etcd's Auth: users, roles, permissions, and tokens for passwords. */
final class AuthService {

    private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

    private final Replicator replicator;
    private final MvccStore store;
    private final AuthStore auth;
    private final Access access;
    private final Passwords passwords;
    private final PasswordLane hashing;
    private final ReadBatcher reads;
    private final Headers headers;
    private final long memberId;

    AuthService(
            Replicator replicator,
            MvccStore store,
            AuthStore auth,
            Access access,
            PasswordLane hashing,
            ReadBatcher reads,
            Headers headers,
            long memberId) {
        this.replicator = replicator;
        this.store = store;
        this.auth = auth;
        this.access = access;
        this.hashing = hashing;
        this.passwords = hashing.passwords();
        this.reads = reads;
        this.headers = headers;
        this.memberId = memberId;
    }

    ServerServiceDefinition definition() {
        return new ServiceBuilder(AuthGrpc.SERVICE_NAME, replicator)
                .method(AuthGrpc.getAuthenticateMethod(), this::authenticate)
                .method(AuthGrpc.getAuthStatusMethod(), read(this::status))
                .method(AuthGrpc.getUserListMethod(), read(this::users))
                .method(AuthGrpc.getUserGetMethod(), this::userGet)
                .method(AuthGrpc.getRoleListMethod(), read(this::roles))
                .method(AuthGrpc.getRoleGetMethod(), this::roleGet)
                .method(AuthGrpc.getUserAddMethod(), this::userAdd)
                .method(AuthGrpc.getUserChangePasswordMethod(), this::userChangePassword)
                .method(
                        AuthGrpc.getAuthEnableMethod(),
                        change(
                                Command.Kind.AUTH_ENABLE,
                                header -> AuthEnableResponse.newBuilder()
                                        .setHeader(header)
                                        .build()))
                .method(
                        AuthGrpc.getAuthDisableMethod(),
                        change(
                                Command.Kind.AUTH_DISABLE,
                                header -> AuthDisableResponse.newBuilder()
                                        .setHeader(header)
                                        .build()))
                .method(
                        AuthGrpc.getUserDeleteMethod(),
                        change(
                                Command.Kind.USER_DELETE,
                                header -> AuthUserDeleteResponse.newBuilder()
                                        .setHeader(header)
                                        .build()))
                .method(
                        AuthGrpc.getUserGrantRoleMethod(),
                        change(
                                Command.Kind.USER_GRANT_ROLE,
                                header -> AuthUserGrantRoleResponse.newBuilder()
                                        .setHeader(header)
                                        .build()))
                .method(
                        AuthGrpc.getUserRevokeRoleMethod(),
                        change(
                                Command.Kind.USER_REVOKE_ROLE,
                                header -> AuthUserRevokeRoleResponse.newBuilder()
                                        .setHeader(header)
                                        .build()))
                .method(
                        AuthGrpc.getRoleAddMethod(),
                        change(
                                Command.Kind.ROLE_ADD,
                                header -> AuthRoleAddResponse.newBuilder()
                                        .setHeader(header)
                                        .build()))
                .method(
                        AuthGrpc.getRoleDeleteMethod(),
                        change(
                                Command.Kind.ROLE_DELETE,
                                header -> AuthRoleDeleteResponse.newBuilder()
                                        .setHeader(header)
                                        .build()))
                .method(
                        AuthGrpc.getRoleGrantPermissionMethod(),
                        change(
                                Command.Kind.ROLE_GRANT_PERMISSION,
                                header -> AuthRoleGrantPermissionResponse.newBuilder()
                                        .setHeader(header)
                                        .build()))
                .method(
                        AuthGrpc.getRoleRevokePermissionMethod(),
                        change(
                                Command.Kind.ROLE_REVOKE_PERMISSION,
                                header -> AuthRoleRevokePermissionResponse.newBuilder()
                                        .setHeader(header)
                                        .build()))
                .build();
    }

    // ---- questions ------------------------------------------------------------------------------------------------

    private ResponseHeader header() {
        return headers.message(store.state().revision());
    }

    private UnaryHandler.Method<byte[], byte[]> read(Function<AuthState, MessageLite> response) {
        return (bytes, answer) -> reads.linearizable(
                new StoreRead(false, () -> response.apply(auth.state()).toByteArray(), answer));
    }

    private MessageLite status(AuthState state) {
        return AuthStatusResponse.newBuilder()
                .setHeader(header())
                .setEnabled(state.enabled())
                .setAuthRevision(state.revision())
                .build();
    }

    private MessageLite users(AuthState state) {
        return AuthUserListResponse.newBuilder()
                .setHeader(header())
                .addAllUsers(state.users().keySet())
                .build();
    }

    private MessageLite roles(AuthState state) {
        return AuthRoleListResponse.newBuilder()
                .setHeader(header())
                .addAllRoles(state.roles().keySet())
                .build();
    }

    /** One's own roles, or anybody's for root. */
    private void userGet(byte[] bytes, Answer<byte[]> answer) throws KvException {
        String name = Marshallers.request(AuthUserGetRequest.parser(), bytes).getName();
        reads.linearizable(new StoreRead(
                false,
                () -> {
                    AuthState state = auth.state();
                    if (!answer.caller().user().equals(name)) {
                        state.requireRoot(answer.caller());
                    }
                    User user = state.users().get(name);
                    if (user == null) {
                        throw new KvException(KvError.USER_NOT_FOUND);
                    }
                    return AuthUserGetResponse.newBuilder()
                            .setHeader(header())
                            .addAllRoles(user.getRolesList())
                            .build()
                            .toByteArray();
                },
                answer));
    }

    /** A role of one's own, or any for root. */
    private void roleGet(byte[] bytes, Answer<byte[]> answer) throws KvException {
        String name = Marshallers.request(AuthRoleGetRequest.parser(), bytes).getRole();
        reads.linearizable(new StoreRead(
                false,
                () -> {
                    AuthState state = auth.state();
                    if (!state.hasRole(answer.caller().user(), name)) {
                        state.requireRoot(answer.caller());
                    }
                    AuthRoleGetResponse.Builder response =
                            AuthRoleGetResponse.newBuilder().setHeader(header());
                    if (name.equals(AuthState.ROOT)) {
                        return response.addPerm(everything()).build().toByteArray();
                    }
                    Role role = state.roles().get(name);
                    if (role == null) {
                        throw new KvException(KvError.ROLE_NOT_FOUND);
                    }
                    return response.addAllPerm(role.getKeyPermissionList())
                            .build()
                            .toByteArray();
                },
                answer));
    }

    private static Permission everything() {
        return Permission.newBuilder()
                .setPermType(Permission.Type.READWRITE)
                .setRangeEnd(ZERO)
                .build();
    }

    // ---- changes --------------------------------------------------------------------------------------------------

    private UnaryHandler.Method<byte[], byte[]> change(
            Command.Kind kind, Function<ResponseHeader, MessageLite> response) {
        return (command, answer) -> propose(kind, command, answer, response);
    }

    private void propose(
            Command.Kind kind, byte[] command, Answer<byte[]> answer, Function<ResponseHeader, MessageLite> response) {
        Command.writeHeader(command, kind, memberId);
        propose(access.signed(answer.caller(), command), answer, response);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the answer says how it ended
    private void propose(byte[] command, Answer<byte[]> answer, Function<ResponseHeader, MessageLite> response) {
        replicator.propose(command).whenComplete((result, failure) -> {
            if (failure != null) {
                answer.failWrite(failure);
            } else if (result instanceof CommandResult.Refused refused) {
                answer.refuse(refused.error());
            } else {
                answer.succeed(response.apply(header()).toByteArray());
            }
        });
    }

    /** The password itself never leaves this member. */
    private void userAdd(byte[] bytes, Answer<byte[]> answer) throws KvException {
        AuthUserAddRequest request = Marshallers.request(AuthUserAddRequest.parser(), bytes);
        if (request.getName().isEmpty()) {
            throw new KvException(KvError.USER_EMPTY);
        }
        hashing.run(answer, () -> {
            AuthUserAddRequest.Builder hashed = request.toBuilder().clearPassword();
            if (!request.getOptions().getNoPassword()
                    && request.getHashedPassword().isEmpty()) {
                hashed.setHashedPassword(passwords.hash(request.getPassword()));
            }
            byte[] command =
                    Command.of(Command.Kind.USER_ADD, memberId, hashed.build().toByteArray());
            propose(
                    access.signed(answer.caller(), command),
                    answer,
                    header -> AuthUserAddResponse.newBuilder().setHeader(header).build());
        });
    }

    private void userChangePassword(byte[] bytes, Answer<byte[]> answer) throws KvException {
        AuthUserChangePasswordRequest request = Marshallers.request(AuthUserChangePasswordRequest.parser(), bytes);
        hashing.run(answer, () -> {
            AuthUserChangePasswordRequest.Builder hashed = request.toBuilder().clearPassword();
            if (request.getHashedPassword().isEmpty()) {
                hashed.setHashedPassword(passwords.hash(request.getPassword()));
            }
            byte[] command = Command.of(
                    Command.Kind.USER_CHANGE_PASSWORD, memberId, hashed.build().toByteArray());
            propose(
                    access.signed(answer.caller(), command),
                    answer,
                    header -> AuthUserChangePasswordResponse.newBuilder()
                            .setHeader(header)
                            .build());
        });
    }

    /**
     * A token for a password. The password is compared on this member, with what is newest anywhere; the token is worth
     * something only if nothing about users has changed until every member is told of it.
     */
    private void authenticate(byte[] bytes, Answer<byte[]> answer) throws KvException {
        AuthenticateRequest request = Marshallers.request(AuthenticateRequest.parser(), bytes);
        reads.linearizable(new ReadTask() {
            @Override
            public boolean isLong() {
                return false;
            }

            @Override
            public void run() {
                try {
                    hashing.run(answer, () -> exchange(request, answer));
                } catch (KvException e) {
                    answer.refuse(e.error());
                }
            }

            @Override
            public void fail(Throwable why) {
                answer.failRead(why);
            }
        });
    }

    private void exchange(AuthenticateRequest request, Answer<byte[]> answer) throws KvException {
        AuthState state = auth.state();
        if (!state.enabled()) {
            throw new KvException(KvError.AUTH_NOT_ENABLED);
        }
        passwords.verify(state, request.getName(), request.getPassword());
        Caller caller = new Caller(request.getName(), state.revision());
        String token = auth.tokens().issue(caller.user(), caller.revision());
        if (!auth.tokens().mustBeAccepted()) {
            answer.succeed(response(header(), token).toByteArray());
            return;
        }
        byte[] command = Command.of(Command.Kind.TOKEN, memberId, token.getBytes(StandardCharsets.UTF_8));
        byte[] signed = AuthenticatedCommand.of(caller, command);
        Command.writeHeader(signed, Command.Kind.TOKEN, memberId);
        propose(signed, answer, header -> response(header, token));
    }

    private static AuthenticateResponse response(ResponseHeader header, String token) {
        return AuthenticateResponse.newBuilder()
                .setHeader(header)
                .setToken(token)
                .build();
    }
}
