package dev.quorate.jepsen.client;

import dev.quorate.jepsen.cluster.NodeAddress;
import dev.quorate.jepsen.history.Operation;
import dev.quorate.jepsen.history.Outcome;
import dev.quorate.jepsen.history.Step;
import dev.quorate.jepsen.workload.Request;
import dev.quorate.kv.api.HashKVRequest;
import dev.quorate.kv.api.HashKVResponse;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.LeaseGrpc;
import dev.quorate.kv.api.LeaseKeepAliveRequest;
import dev.quorate.kv.api.LeaseKeepAliveResponse;
import dev.quorate.kv.api.MaintenanceGrpc;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeResponse;
import dev.quorate.kv.api.StatusRequest;
import dev.quorate.kv.api.StatusResponse;
import dev.quorate.kv.api.WatchGrpc;
import dev.quorate.kv.api.WatchRequest;
import dev.quorate.kv.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Talks to one node, over one connection, and to no other: what it asks, this node answers. Any thread; calls block. */
public final class NodeClient implements AutoCloseable {

    /** How soon after a failed attempt to connect the next one is made: gRPC by itself would wait up to two minutes. */
    private static final long RECONNECT_NANOS = 100_000_000;

    private final NodeAddress node;
    private final RunClock clock;
    private final Duration timeout;
    private final boolean serializableReads;
    private final ManagedChannel channel;
    private final AtomicLong lastResetNanos = new AtomicLong();

    /**
     * @param timeout after which a request is given up
     * @param serializableReads reads ask for the node's own, perhaps old, state: what a checker must object to
     */
    public NodeClient(NodeAddress node, RunClock clock, Duration timeout, boolean serializableReads) {
        this.serializableReads = serializableReads;
        this.node = node;
        this.clock = clock;
        this.timeout = timeout;
        channel = NettyChannelBuilder.forAddress(NodeAddress.HOST, node.clientPort())
                .usePlaintext()
                // A request is sent once: what a second sending would do to the history, nobody could tell.
                .disableRetry()
                .maxInboundMessageSize(64 << 20)
                .build();
    }

    public NodeAddress node() {
        return node;
    }

    /** Sends a request, and waits for its answer or the timeout. Never throws for what a server or a network can do. */
    public Operation execute(int process, Request request) {
        long invokeNanos = clock.nowNanos();
        List<Step> steps = request.steps();
        long revision = 0;
        Outcome outcome;
        String error = null;
        try {
            KvCalls.Answer answer = KvCalls.execute(kv(), request, serializableReads);
            steps = answer.steps();
            revision = answer.revision();
            outcome = Outcome.OK;
        } catch (StatusRuntimeException failure) {
            boolean readsOnly = request.first() instanceof Step.Read;
            outcome = readsOnly ? Outcome.FAIL : Failures.outcomeOfWrite(failure);
            error = Failures.describe(failure);
            reconnectSoon(failure);
        }
        return new Operation(process, node.name(), invokeNanos, clock.nowNanos(), outcome, revision, steps, error);
    }

    private void reconnectSoon(StatusRuntimeException failure) {
        if (Failures.neverSent(failure)) {
            long now = clock.nowNanos();
            long last = lastResetNanos.get();
            if (now - last > RECONNECT_NANOS && lastResetNanos.compareAndSet(last, now)) {
                channel.resetConnectBackoff();
            }
        }
    }

    /**
     * Reads a range.
     *
     * @throws StatusRuntimeException if the node does not answer well
     */
    public RangeResponse range(RangeRequest request) {
        try {
            return kv().range(request);
        } catch (StatusRuntimeException failure) {
            reconnectSoon(failure);
            throw failure;
        }
    }

    /** What the node says of itself; null if it does not answer. */
    public @Nullable StatusResponse status() {
        try {
            return MaintenanceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(500, TimeUnit.MILLISECONDS)
                    .status(StatusRequest.getDefaultInstance());
        } catch (StatusRuntimeException failure) {
            reconnectSoon(failure);
            return null;
        }
    }

    /** Begins a stream of watches, which has no deadline. */
    public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> responses) {
        return WatchGrpc.newStub(channel).watch(responses);
    }

    public LeaseGrpc.LeaseBlockingStub lease() {
        return LeaseGrpc.newBlockingStub(channel).withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** What one keep-alive is answered: the TTL in seconds, 0 if there is no such lease. */
    public long keepAlive(long lease) {
        Iterator<LeaseKeepAliveResponse> answers = ClientCalls.blockingServerStreamingCall(
                channel,
                LeaseGrpc.getLeaseKeepAliveMethod(),
                CallOptions.DEFAULT.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS),
                LeaseKeepAliveRequest.newBuilder().setID(lease).build());
        if (!answers.hasNext()) {
            throw Status.UNAVAILABLE
                    .withDescription("the stream ended without an answer")
                    .asRuntimeException();
        }
        return answers.next().getTTL();
    }

    /**
     * A checksum of the node's own keys.
     *
     * @throws StatusRuntimeException if the node does not answer well
     */
    public HashKVResponse hash(long revision) {
        return MaintenanceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .hashKV(HashKVRequest.newBuilder().setRevision(revision).build());
    }

    /** For requests that no workload makes. */
    public KVGrpc.KVBlockingStub kv() {
        return KVGrpc.newBlockingStub(channel).withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
