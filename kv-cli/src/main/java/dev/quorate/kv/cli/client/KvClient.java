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
import dev.quorate.kv.api.SnapshotRequest;
import dev.quorate.kv.api.SnapshotResponse;
import dev.quorate.kv.api.StatusRequest;
import dev.quorate.kv.api.StatusResponse;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.api.TxnResponse;
import dev.quorate.kv.api.WatchCreateRequest;
import dev.quorate.kv.api.WatchGrpc;
import dev.quorate.kv.api.WatchRequest;
import dev.quorate.kv.api.WatchResponse;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
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
    private static final long ROUND_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** gRPC says so of a connection that ends before HTTP/2 has begun. */
    private static final String CLOSED = "Network closed for unknown reason";

    private static final String NOT_LEADER = "etcdserver: not leader";

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
        WatchCreateRequest next = request;
        long deadline = System.nanoTime() + timeoutNanos;
        List<String> failures = new ArrayList<>();
        for (int i = 0; ; i++) {
            Endpoint endpoint = endpoints.get(i % endpoints.size());
            Metadata headers = UnaryCall.headers(token);
            headers.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
            ResponseStream<WatchRequest, WatchResponse> stream = new ResponseStream<>(
                    connections.to(endpoint),
                    WatchGrpc.getWatchMethod(),
                    headers,
                    WatchRequest.newBuilder().setCreateRequest(next).build());
            try {
                for (Object heard = stream.next(); heard instanceof WatchResponse response; heard = stream.next()) {
                    requireWatched(endpoint, response);
                    deadline = System.nanoTime() + timeoutNanos;
                    failures.clear();
                    if (!each.test(response)) {
                        return;
                    }
                    next = next.toBuilder()
                            .setStartRevision(resumeAt(next.getStartRevision(), response))
                            .build();
                }
                failures.add(endpoint + ": the watch ended");
            } finally {
                stream.close();
            }
            if (System.nanoTime() - deadline > 0) {
                throw nobodyAnswered(failures);
            }
            LockSupport.parkNanos(ROUND_PAUSE_NANOS);
        }
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
        List<String> failures = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            Metadata headers = UnaryCall.headers(token);
            headers.merge(UnaryCall.readHeaders(consistency));
            ResponseStream<SnapshotRequest, SnapshotResponse> stream = new ResponseStream<>(
                    connections.to(endpoint),
                    MaintenanceGrpc.getSnapshotMethod(),
                    headers,
                    SnapshotRequest.getDefaultInstance());
            try {
                Object heard = stream.next(timeoutNanos);
                boolean hasBegun = heard instanceof SnapshotResponse;
                while (heard instanceof SnapshotResponse part) {
                    receiver.accept(part);
                    heard = stream.next(timeoutNanos);
                }
                Status status = heard instanceof Status ended ? ended : Status.DEADLINE_EXCEEDED;
                if (status.isOk()) {
                    return;
                }
                Attempt<SnapshotResponse> attempt = new Attempt<>(endpoint, status, Outcome.DEFINITE, true, null);
                if (hasBegun || !attempt.mayAskAnother(true)) {
                    throw new CallFailedException(Outcome.DEFINITE, status.getCode(), attempt.describe());
                }
                failures.add(attempt.describe());
            } finally {
                stream.close();
            }
        }
        throw nobodyAnswered(failures);
    }

    /** A response's own revision tells how far the store is, which may be ahead of what the watch has shown. */
    private static long resumeAt(long startRevision, WatchResponse response) {
        if (response.getCreated() && startRevision == 0) {
            return response.getHeader().getRevision() + 1;
        }
        int count = response.getEventsCount();
        if (count == 0 || response.getFragment()) { // the rest of a revision in parts is still to come
            return startRevision;
        }
        return response.getEvents(count - 1).getKv().getModRevision() + 1;
    }

    private static void requireWatched(Endpoint endpoint, WatchResponse response) {
        if (response.getCompactRevision() > 0) {
            throw new CallFailedException(
                    Outcome.DEFINITE,
                    Status.Code.OUT_OF_RANGE,
                    endpoint + ": the history before revision " + response.getCompactRevision()
                            + " is compacted away; watch from there on");
        }
        if (response.getCanceled()) {
            throw new CallFailedException(
                    Outcome.DEFINITE, Status.Code.FAILED_PRECONDITION, endpoint + ": " + response.getCancelReason());
        }
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
                throw nobodyAnswered(failures);
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

    private static CallFailedException nobodyAnswered(List<String> failures) {
        String all = String.join("; ", failures);
        String hint = failures.size() == 1 ? all : "no endpoint could answer: " + all;
        return new CallFailedException(Outcome.DEFINITE, Status.Code.UNAVAILABLE, hint);
    }

    /** How one endpoint answered. */
    private record Attempt<R>(
            Endpoint endpoint,
            Status status,
            Outcome outcome,
            boolean sent,
            @Nullable R response) {

        boolean mayAskAnother(boolean read) {
            return switch (status.getCode()) {
                case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED -> read || outcome == Outcome.DEFINITE;
                // Only the leader does this; another endpoint may be it.
                case FAILED_PRECONDITION -> outcome == Outcome.DEFINITE && NOT_LEADER.equals(status.getDescription());
                default -> !sent;
            };
        }

        String describe() {
            return endpoint + ": " + reason();
        }

        private String reason() {
            for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
                if (cause instanceof ConnectException) {
                    return "connection refused";
                }
                if (cause instanceof UnknownHostException) {
                    return "unknown host";
                }
                if (cause instanceof NotSslRecordException) {
                    return "it does not speak TLS; leave out https://";
                }
                if (cause instanceof SSLException) {
                    return "TLS fails: " + cause.getMessage()
                            + " (--cacert says whom to trust, --cert and --key who asks)";
                }
            }
            return switch (status.getCode()) {
                case DEADLINE_EXCEEDED, CANCELLED -> sent ? "no answer in time" : "no connection in time";
                default -> {
                    String description = status.getDescription();
                    String text = description == null ? status.getCode().toString() : description;
                    if (CLOSED.equals(text) && !endpoint.tls()) {
                        yield "it closed the connection; does it want TLS, https://" + endpoint + "?";
                    }
                    yield Objects.requireNonNull(text).lines().findFirst().orElse("");
                }
            };
        }
    }
}
