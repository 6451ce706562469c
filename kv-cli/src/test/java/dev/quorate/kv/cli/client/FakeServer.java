package dev.quorate.kv.cli.client;

import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.MaintenanceGrpc;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.PutResponse;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeResponse;
import dev.quorate.kv.api.ResponseHeader;
import dev.quorate.kv.api.StatusRequest;
import dev.quorate.kv.api.StatusResponse;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A server that counts what reaches it, and answers every call in one way. */
final class FakeServer implements AutoCloseable {

    private final boolean speaks;
    private volatile @Nullable Status failure;
    private final boolean failsOnce;
    private final @Nullable String word;
    private final Server server;
    final AtomicInteger calls = new AtomicInteger();

    private FakeServer(boolean speaks, boolean failsOnce, @Nullable Status failure, @Nullable String word)
            throws IOException {
        this.speaks = speaks;
        this.failure = failure;
        this.failsOnce = failsOnce;
        this.word = word;
        this.server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .directExecutor()
                .addService(new Kv())
                .addService(new Maintenance())
                .build()
                .start();
    }

    static FakeServer well() throws IOException {
        return new FakeServer(true, false, null, null);
    }

    /**
     * @param word the value of quorate-outcome, null to leave it out
     */
    static FakeServer failing(Status failure, @Nullable String word) throws IOException {
        return new FakeServer(true, false, failure, word);
    }

    /** Fails the first call and answers the others. */
    static FakeServer failingOnce(Status failure) throws IOException {
        return new FakeServer(true, true, failure, null);
    }

    /** Reads requests and answers none, as a process that was paused just then. */
    static FakeServer silent() throws IOException {
        return new FakeServer(false, false, null, null);
    }

    Endpoint endpoint() {
        return new Endpoint("127.0.0.1", server.getPort());
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private <T> void answer(StreamObserver<T> to, T success) {
        calls.incrementAndGet();
        if (!speaks) {
            return;
        }
        Status now = failure;
        if (now == null) {
            to.onNext(success);
            to.onCompleted();
        } else {
            if (failsOnce) {
                failure = null;
            }
            Metadata trailers = new Metadata();
            if (word != null) {
                trailers.put(Outcome.HEADER, word);
            }
            to.onError(now.asRuntimeException(trailers));
        }
    }

    private final class Kv extends KVGrpc.KVImplBase {
        @Override
        public void range(RangeRequest request, StreamObserver<RangeResponse> to) {
            answer(to, RangeResponse.newBuilder().setCount(1).build());
        }

        @Override
        public void put(PutRequest request, StreamObserver<PutResponse> to) {
            answer(to, PutResponse.getDefaultInstance());
        }
    }

    private final class Maintenance extends MaintenanceGrpc.MaintenanceImplBase {
        @Override
        public void status(StatusRequest request, StreamObserver<StatusResponse> to) {
            answer(
                    to,
                    StatusResponse.newBuilder()
                            .setHeader(ResponseHeader.newBuilder().setMemberId(7))
                            .setLeader(7)
                            .setRaftIndex(12)
                            .setRaftAppliedIndex(11)
                            .setRaftTerm(3)
                            .build());
        }
    }
}
