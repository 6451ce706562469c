package dev.quorate.kv.cli.client;

import dev.quorate.kv.api.MaintenanceGrpc;
import dev.quorate.kv.api.SnapshotRequest;
import dev.quorate.kv.api.SnapshotResponse;
import dev.quorate.kv.api.WatchCreateRequest;
import dev.quorate.kv.api.WatchGrpc;
import dev.quorate.kv.api.WatchRequest;
import dev.quorate.kv.api.WatchResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The calls of a {@link KvClient} that have many answers. */
record Streams(
        Connections connections,
        List<Endpoint> endpoints,
        @Nullable String token,
        long timeoutNanos) {

    /** {@link KvClient#watch}. */
    void watch(WatchCreateRequest request, Predicate<WatchResponse> each) throws InterruptedException {
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
                throw Attempt.nobodyAnswered(failures);
            }
            LockSupport.parkNanos(KvClient.ROUND_PAUSE_NANOS);
        }
    }

    /** {@link KvClient#snapshot}. */
    void snapshot(String consistency, KvClient.Receiver receiver) throws InterruptedException, IOException {
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
        throw Attempt.nobodyAnswered(failures);
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
}
