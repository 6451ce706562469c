package dev.quorate.kv.cli.client;

import dev.quorate.kv.api.AuthGrpc;
import dev.quorate.kv.api.AuthenticateRequest;
import dev.quorate.kv.api.ClusterGrpc;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.DeleteRangeResponse;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.MaintenanceGrpc;
import dev.quorate.kv.api.Member;
import dev.quorate.kv.api.MemberAddRequest;
import dev.quorate.kv.api.MemberAddResponse;
import dev.quorate.kv.api.MemberListRequest;
import dev.quorate.kv.api.MemberListResponse;
import dev.quorate.kv.api.MemberPromoteRequest;
import dev.quorate.kv.api.MemberPromoteResponse;
import dev.quorate.kv.api.MemberRemoveRequest;
import dev.quorate.kv.api.MemberRemoveResponse;
import dev.quorate.kv.api.MemberUpdateRequest;
import dev.quorate.kv.api.MemberUpdateResponse;
import dev.quorate.kv.api.MoveLeaderRequest;
import dev.quorate.kv.api.MoveLeaderResponse;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.PutResponse;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeResponse;
import dev.quorate.kv.api.SnapshotResponse;
import dev.quorate.kv.api.StatusRequest;
import dev.quorate.kv.api.StatusResponse;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.api.TxnResponse;
import dev.quorate.kv.api.WatchCreateRequest;
import dev.quorate.kv.api.WatchResponse;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Asks the endpoints of one cluster, one after the other, until one answers.
 *
 * <p>A read may be asked again anywhere. A write is asked again only if it has certainly not been applied: it never left this
 * process, or the server said so. After an unknown outcome the caller is told, and nothing is repeated.
 *
 * <p>For one thread.
 */
public final class KvClient implements AutoCloseable {

    /** Between two rounds over all endpoints, when some are alive but none could answer: an election takes about this long. */
    static final long ROUND_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Connections connections;
    private final List<Endpoint> endpoints;
    private final long timeoutNanos;
    private final @Nullable Credentials credentials;
    private @Nullable String token;
    private @Nullable String readConsistency;

    /**
     * @param endpoints at least one; asked in this order
     * @param timeout for a whole call, all attempts together
     */
    public KvClient(List<Endpoint> endpoints, Duration timeout) {
        this(endpoints, timeout, null, null);
    }

    /**
     * @param endpoints at least one; asked in this order
     * @param timeout for a whole call, all attempts together
     * @param credentials null to ask as nobody, which is enough where no permissions are in force
     * @param tls for endpoints with TLS; null to trust whom Java trusts, and to show no certificate
     */
    public KvClient(
            List<Endpoint> endpoints, Duration timeout, @Nullable Credentials credentials, @Nullable TlsOptions tls) {
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("a client needs at least one endpoint");
        }
        this.endpoints = List.copyOf(endpoints);
        this.timeoutNanos = timeout.toNanos();
        this.credentials = credentials;
        this.connections = new Connections(tls);
    }

    public RangeResponse range(RangeRequest request) {
        return call(KVGrpc.getRangeMethod(), request, true);
    }

    /** @param consistency the value of the header {@code quorate-read-consistency}, null for none */
    public RangeResponse range(RangeRequest request, @Nullable String consistency) {
        readConsistency = consistency;
        try {
            return range(request);
        } finally {
            readConsistency = null;
        }
    }

    public PutResponse put(PutRequest request) {
        return call(KVGrpc.getPutMethod(), request, false);
    }

    public DeleteRangeResponse delete(DeleteRangeRequest request) {
        return call(KVGrpc.getDeleteRangeMethod(), request, false);
    }

    /** A transaction counts as a write, whatever is in it. */
    public TxnResponse txn(TxnRequest request) {
        return call(KVGrpc.getTxnMethod(), request, false);
    }

    public MemberListResponse members() {
        MemberListRequest request =
                MemberListRequest.newBuilder().setLinearizable(true).build();
        return call(ClusterGrpc.getMemberListMethod(), request, true);
    }

    public MemberAddResponse addMember(MemberAddRequest request) {
        return call(ClusterGrpc.getMemberAddMethod(), request, false);
    }

    public MemberRemoveResponse removeMember(MemberRemoveRequest request) {
        return call(ClusterGrpc.getMemberRemoveMethod(), request, false);
    }

    public MemberPromoteResponse promoteMember(MemberPromoteRequest request) {
        return call(ClusterGrpc.getMemberPromoteMethod(), request, false);
    }

    public MemberUpdateResponse updateMember(MemberUpdateRequest request) {
        return call(ClusterGrpc.getMemberUpdateMethod(), request, false);
    }

    public MoveLeaderResponse moveLeader(MoveLeaderRequest request) {
        return call(MaintenanceGrpc.getMoveLeaderMethod(), request, false);
    }

    /** Any request that changes nothing. */
    public <Q, R> R ask(MethodDescriptor<Q, R> method, Q request) {
        return call(method, request, true);
    }

    /** As {@code host:port}. */
    public List<String> endpoints() {
        return endpoints.stream().map(Endpoint::toString).toList();
    }

    /**
     * Any request about one server itself; no other is asked.
     *
     * @param endpoint one of {@link #endpoints}
     */
    public <Q, R> R askAt(String endpoint, MethodDescriptor<Q, R> method, Q request) {
        logIn();
        Endpoint asked = Endpoint.parse(endpoint);
        Attempt<R> attempt = attempt(asked, method, request, System.nanoTime() + timeoutNanos, timeoutNanos, true);
        R response = attempt.response();
        if (response == null) {
            throw new CallFailedException(Outcome.DEFINITE, attempt.status().getCode(), attempt.describe());
        }
        return response;
    }

    /** Any request that may change something. */
    public <Q, R> R change(MethodDescriptor<Q, R> method, Q request) {
        return call(method, request, false);
    }

    /**
     * Watches until {@code each} says that it is enough, at one server after the other: where one ends, the next goes on at the
     * following revision.
     *
     * @param request its start revision 0 for what happens from now on
     * @param each false to end
     * @throws CallFailedException if the server refuses the watch, or no server answers for the timeout
     */
    public void watch(WatchCreateRequest request, Predicate<WatchResponse> each) throws InterruptedException {
        logIn();
        new Streams(connections, endpoints, token, timeoutNanos).watch(request, each);
    }

    /** Takes what comes. */
    @FunctionalInterface
    public interface Receiver {
        /** @throws IOException to end the call */
        void accept(SnapshotResponse part) throws IOException;
    }

    /**
     * Fetches a backup from the first endpoint that begins to send one. A further endpoint would send another one, so whoever has
     * begun must end it.
     *
     * @param consistency what it may miss: the value of the header {@code quorate-read-consistency}
     * @throws CallFailedException if nobody begins, or the one who has begun sends nothing for the timeout
     */
    public void snapshot(String consistency, Receiver receiver) throws InterruptedException, IOException {
        logIn();
        new Streams(connections, endpoints, token, timeoutNanos).snapshot(consistency, receiver);
    }

    /**
     * The number of a member.
     *
     * @param text its name, its number as hexadecimal digits, or its peer address
     * @throws CallFailedException if no member is called like that
     */
    public long memberId(String text) {
        for (Member member : members().getMembersList()) {
            if (member.getName().equals(text)
                    || Long.toHexString(member.getID()).equals(text)
                    || member.getPeerURLsList().contains("http://" + text)
                    || member.getPeerURLsList().contains("https://" + text)) {
                return member.getID();
            }
        }
        throw new CallFailedException(
                Outcome.DEFINITE, Status.Code.NOT_FOUND, "no member is called '" + text + "'; see 'kv member list'");
    }

    /** Asks every endpoint about itself, all at once: a server that does not answer delays nobody else's answer. */
    public List<StatusAnswer> statusOfAll() {
        logIn();
        long deadline = System.nanoTime() + timeoutNanos;
        List<UnaryCall<StatusRequest, StatusResponse>> calls = new ArrayList<>(endpoints.size());
        for (Endpoint endpoint : endpoints) {
            UnaryCall<StatusRequest, StatusResponse> call =
                    new UnaryCall<>(connections.to(endpoint), MaintenanceGrpc.getStatusMethod(), timeoutNanos);
            call.start(StatusRequest.getDefaultInstance(), token);
            calls.add(call);
        }
        List<StatusAnswer> answers = new ArrayList<>(endpoints.size());
        for (int i = 0; i < endpoints.size(); i++) {
            Attempt<StatusResponse> attempt = finish(endpoints.get(i), calls.get(i), deadline);
            StatusResponse response = attempt.response();
            answers.add(
                    response == null
                            ? new StatusAnswer(attempt.endpoint(), null, attempt.describe())
                            : new StatusAnswer(attempt.endpoint(), ServerStatus.of(response), ""));
        }
        return answers;
    }

    @Override
    public void close() {
        connections.close();
    }

    private <Q, R> R call(MethodDescriptor<Q, R> method, Q request, boolean read) {
        logIn();
        return callAsKnown(method, request, read);
    }

    /** Calls that this adds its headers to are those of whoever this client is. */
    ClientInterceptor loggedIn() {
        logIn();
        return MetadataUtils.newAttachHeadersInterceptor(UnaryCall.headers(token));
    }

    /** Once; where no permissions are in force nobody asks who one is. */
    private void logIn() {
        if (credentials == null || token != null) {
            return;
        }
        AuthenticateRequest request = AuthenticateRequest.newBuilder()
                .setName(credentials.user())
                .setPassword(credentials.password())
                .build();
        try {
            token = callAsKnown(AuthGrpc.getAuthenticateMethod(), request, true).getToken();
        } catch (CallFailedException e) {
            if (e.code() != Status.Code.FAILED_PRECONDITION) {
                throw e;
            }
            token = "";
        }
    }

    private <Q, R> R callAsKnown(MethodDescriptor<Q, R> method, Q request, boolean read) {
        long deadline = System.nanoTime() + timeoutNanos;
        while (true) {
            List<String> failures = new ArrayList<>(endpoints.size());
            boolean someoneIsAlive = false;
            for (int i = 0; i < endpoints.size(); i++) {
                Endpoint endpoint = endpoints.get(i);
                long share = Math.max(0, deadline - System.nanoTime()) / (endpoints.size() - i);
                Attempt<R> attempt = attempt(endpoint, method, request, deadline, share, read);
                if (attempt.response() != null) {
                    return attempt.response();
                }
                if (!attempt.mayAskAnother(read)) {
                    Outcome outcome = read ? Outcome.DEFINITE : attempt.outcome();
                    throw new CallFailedException(outcome, attempt.status().getCode(), attempt.describe());
                }
                someoneIsAlive |= attempt.sent();
                failures.add(attempt.describe());
            }
            if (!someoneIsAlive || deadline - System.nanoTime() <= ROUND_PAUSE_NANOS) {
                throw Attempt.nobodyAnswered(failures);
            }
            LockSupport.parkNanos(ROUND_PAUSE_NANOS);
        }
    }

    /**
     * @param share how long this endpoint may keep the call from reaching another one. A read gives up then; a write only if
     *     it has not been sent
     */
    private <Q, R> Attempt<R> attempt(
            Endpoint endpoint, MethodDescriptor<Q, R> method, Q request, long deadline, long share, boolean read) {
        long budget = Math.max(1, deadline - System.nanoTime());
        UnaryCall<Q, R> call = new UnaryCall<>(connections.to(endpoint), method, budget);
        call.start(request, token, readConsistency);
        boolean answered = call.await(share);
        boolean giveUp = read || !call.wasSent();
        return finish(endpoint, call, answered || giveUp ? System.nanoTime() : deadline);
    }

    /** Waits until the deadline, then gives up, and tells how it went. */
    private static <Q, R> Attempt<R> finish(Endpoint endpoint, UnaryCall<Q, R> call, long deadline) {
        if (!call.await(Math.max(0, deadline - System.nanoTime()))) {
            call.cancel("no answer in time");
        }
        Outcome outcome = Outcome.ofWrite(call.status(), call.trailers(), call.wasSent());
        return new Attempt<>(endpoint, call.status(), outcome, call.wasSent(), call.response());
    }
}
