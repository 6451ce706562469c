package dev.quorate.kv.rpc;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.Compare;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.auth.AuthState;
import dev.quorate.kv.auth.AuthStore;
import dev.quorate.kv.auth.Caller;
import dev.quorate.kv.command.AuthenticatedCommand;
import dev.quorate.kv.mvcc.KvException;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.List;
import java.util.Map;

/**
 * Stands before every method, and lets nobody through who may not call it. What a method needs beside that, on the keys of its
 * request, it asks for itself: {@link #range}, {@link #txn} and their like.
 *
 * <p>A method that is not named here is root's: one that is forgotten is closed, not open.
 */
final class Access implements ServerInterceptor {

    /** What a client got for its password. */
    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    /** The same, where a gateway speaks for the client. */
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private static final String BEARER = "Bearer ";

    private static final Context.Key<Caller> CALLER = Context.keyWithDefault("caller", Caller.NOBODY);

    /** Who may call a method. */
    private enum Needs {
        NOTHING,
        USER,
        ROOT
    }

    private static final Map<String, Needs> METHODS = Map.ofEntries(
            // Before one can show who one is.
            Map.entry("etcdserverpb.Auth/Authenticate", Needs.NOTHING),
            Map.entry("etcdserverpb.Auth/AuthStatus", Needs.NOTHING),
            Map.entry("etcdserverpb.Cluster/MemberList", Needs.NOTHING), // clients find their servers by it
            Map.entry("grpc.health.v1.Health/Check", Needs.NOTHING),
            Map.entry("grpc.health.v1.Health/List", Needs.NOTHING),
            Map.entry("grpc.health.v1.Health/Watch", Needs.NOTHING),
            // Their keys are looked at as well.
            Map.entry("etcdserverpb.KV/Range", Needs.USER),
            Map.entry("etcdserverpb.KV/RangeStream", Needs.USER),
            Map.entry("etcdserverpb.KV/Put", Needs.USER),
            Map.entry("etcdserverpb.KV/DeleteRange", Needs.USER),
            Map.entry("etcdserverpb.KV/Txn", Needs.USER),
            Map.entry("etcdserverpb.Watch/Watch", Needs.USER),
            Map.entry("v3lockpb.Lock/Lock", Needs.USER),
            Map.entry("v3lockpb.Lock/Unlock", Needs.USER),
            Map.entry("v3electionpb.Election/Campaign", Needs.USER),
            Map.entry("v3electionpb.Election/Proclaim", Needs.USER),
            Map.entry("v3electionpb.Election/Leader", Needs.USER),
            Map.entry("v3electionpb.Election/Observe", Needs.USER),
            Map.entry("v3electionpb.Election/Resign", Needs.USER),
            Map.entry("etcdserverpb.Lease/LeaseGrant", Needs.USER),
            Map.entry("etcdserverpb.Lease/LeaseRevoke", Needs.USER),
            Map.entry("etcdserverpb.Lease/LeaseTimeToLive", Needs.USER),
            // Without keys.
            Map.entry("etcdserverpb.Lease/LeaseKeepAlive", Needs.USER),
            Map.entry("etcdserverpb.Lease/LeaseLeases", Needs.USER),
            // Of one's own self and roles; the others are root's.
            Map.entry("etcdserverpb.Auth/UserGet", Needs.USER),
            Map.entry("etcdserverpb.Auth/RoleGet", Needs.USER),
            Map.entry("etcdserverpb.Maintenance/Alarm", Needs.USER), // to see them; to change them is root's
            Map.entry("etcdserverpb.Maintenance/Status", Needs.USER));

    private final AuthStore auth;
    private final boolean isUserByCertificate;

    /** @param isUserByCertificate whether certificates of clients have been checked, and name users */
    Access(AuthStore auth, boolean isUserByCertificate) {
        this.auth = auth;
        this.isUserByCertificate = isUserByCertificate;
    }

    /** Who makes the call that runs on this thread. */
    static Caller caller() {
        return CALLER.get();
    }

    AuthState state() {
        return auth.state();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        AuthState state = auth.state();
        if (!state.enabled()) {
            return next.startCall(call, headers);
        }
        try {
            Caller caller = identify(call, headers, state);
            switch (METHODS.getOrDefault(call.getMethodDescriptor().getFullMethodName(), Needs.ROOT)) {
                case NOTHING -> {}
                case USER -> state.requireUser(caller);
                case ROOT -> state.requireRoot(caller);
            }
            return Contexts.interceptCall(Context.current().withValue(CALLER, caller), call, headers, next);
        } catch (KvException e) {
            new Answer<>(call, Caller.NOBODY).refuse(e.error());
            return new ServerCall.Listener<>() {};
        }
    }

    /** A token wins over a certificate, also one that is worth nothing (etcd: AuthInfoFromCtx before AuthInfoFromTLS). */
    private Caller identify(ServerCall<?, ?> call, Metadata headers, AuthState state) throws KvException {
        String token = headers.get(TOKEN);
        if (token == null) {
            token = headers.get(AUTHORIZATION);
        }
        if (token == null || token.isEmpty()) {
            String user = isUserByCertificate ? CertificateUser.of(call) : "";
            return user.isEmpty() ? Caller.NOBODY : new Caller(user, state.revision());
        }
        return auth.tokens().caller(token.startsWith(BEARER) ? token.substring(BEARER.length()) : token, state);
    }

    /** The command as it goes into the log: with who proposes it, where that matters. */
    byte[] signed(Caller caller, byte[] command) {
        return auth.state().enabled() ? AuthenticatedCommand.of(caller, command) : command;
    }

    void range(Caller caller, RangeRequest request) throws KvException {
        state().requireRead(caller, request.getKey(), request.getRangeEnd());
    }

    void put(Caller caller, PutRequest request) throws KvException {
        AuthState state = state();
        state.requireWrite(caller, request.getKey(), ByteString.EMPTY);
        if (request.getPrevKv()) {
            state.requireRead(caller, request.getKey(), ByteString.EMPTY);
        }
    }

    void deleteRange(Caller caller, DeleteRangeRequest request) throws KvException {
        AuthState state = state();
        state.requireWrite(caller, request.getKey(), request.getRangeEnd());
        if (request.getPrevKv()) {
            state.requireRead(caller, request.getKey(), request.getRangeEnd());
        }
    }

    /** Everything that it compares, and both branches, whichever will be taken: the answer tells which. */
    void txn(Caller caller, TxnRequest request) throws KvException {
        for (Compare compare : request.getCompareList()) {
            state().requireRead(caller, compare.getKey(), compare.getRangeEnd());
        }
        operations(caller, request.getSuccessList());
        operations(caller, request.getFailureList());
    }

    private void operations(Caller caller, List<RequestOp> operations) throws KvException {
        for (RequestOp operation : operations) {
            switch (operation.getRequestCase()) {
                case REQUEST_RANGE -> range(caller, operation.getRequestRange());
                case REQUEST_PUT -> put(caller, operation.getRequestPut());
                case REQUEST_DELETE_RANGE -> deleteRange(caller, operation.getRequestDeleteRange());
                case REQUEST_TXN -> txn(caller, operation.getRequestTxn());
                case REQUEST_NOT_SET -> {}
            }
        }
    }
}
