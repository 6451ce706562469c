package dev.quorate.kv.server;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.ClusterGrpc;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.LeaseGrpc;
import dev.quorate.kv.api.LeaseKeepAliveRequest;
import dev.quorate.kv.api.MaintenanceGrpc;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.PutResponse;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeResponse;
import dev.quorate.kv.api.StatusRequest;
import dev.quorate.kv.api.StatusResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.util.concurrent.TimeUnit;

/** A client of one server. */
final class TestClient implements AutoCloseable {

    private static final long DEADLINE_SECONDS = 20;

    private final ManagedChannel channel;

    TestClient(int port) {
        channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    KVGrpc.KVBlockingStub kv() {
        return KVGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    ClusterGrpc.ClusterBlockingStub cluster() {
        return ClusterGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    MaintenanceGrpc.MaintenanceBlockingStub maintenance() {
        return MaintenanceGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    LeaseGrpc.LeaseBlockingStub lease() {
        return LeaseGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /** What a keep-alive answers: the TTL, 0 if there is no such lease. */
    long keepAlive(long lease) {
        return ClientCalls.blockingServerStreamingCall(
                        channel,
                        LeaseGrpc.getLeaseKeepAliveMethod(),
                        CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS),
                        LeaseKeepAliveRequest.newBuilder().setID(lease).build())
                .next()
                .getTTL();
    }

    StatusResponse status() {
        return maintenance().status(StatusRequest.getDefaultInstance());
    }

    PutResponse put(String key, String value) {
        return kv().put(PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8(value))
                .build());
    }

    RangeResponse get(String key) {
        return kv().range(RangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .build());
    }

    /** The value, or "absent". */
    String value(String key) {
        RangeResponse response = get(key);
        return response.getCount() == 0
                ? "absent"
                : response.getKvs(0).getValue().toStringUtf8();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
