package dev.quorate.conformance;

import dev.quorate.kv.api.ClusterGrpc;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.MaintenanceGrpc;
import dev.quorate.kv.api.RangeRequest;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.AbstractStub;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Three nodes, and a connection to each. */
abstract class Cluster implements AutoCloseable {

    static final int NODES = 3;

    private static final long DEADLINE_SECONDS = 20;
    private static final long READY_SECONDS = 60;

    private final List<ManagedChannel> channels = new ArrayList<>();

    /** Where the nodes listen for clients, as {@code host:port}. */
    abstract List<String> endpoints();

    /** A connection to a node. */
    ManagedChannel dial(String endpoint) throws IOException {
        return NettyChannelBuilder.forTarget(endpoint).usePlaintext().build();
    }

    /** The connection to a secured node of somebody with a certificate. */
    static ManagedChannel dial(String endpoint, Security security, String commonName) throws IOException {
        return NettyChannelBuilder.forTarget(endpoint)
                .sslContext(security.client(commonName))
                .build();
    }

    /** Connects; by the constructors. */
    final void connect() throws IOException {
        for (String endpoint : endpoints()) {
            channels.add(dial(endpoint));
        }
        // A put that waits for its connection and for a leader: from here on every member answers at once.
        for (int node = 0; node < NODES; node++) {
            stub(node, KVGrpc::newBlockingStub)
                    .withWaitForReady()
                    .withDeadlineAfter(READY_SECONDS, TimeUnit.SECONDS)
                    .range(RangeRequest.newBuilder()
                            .setKey(Checks.bytes("ready"))
                            .build());
        }
    }

    /** How requests reach a node. */
    Channel channel(int node) {
        return channels.get(node);
    }

    final <S extends AbstractStub<S>> S stub(int node, Function<Channel, S> kind) {
        return kind.apply(channel(node)).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    final KVGrpc.KVBlockingStub kv() {
        return stub(0, KVGrpc::newBlockingStub);
    }

    final KVGrpc.KVBlockingStub kv(int node) {
        return stub(node, KVGrpc::newBlockingStub);
    }

    final MaintenanceGrpc.MaintenanceBlockingStub maintenance(int node) {
        return stub(node, MaintenanceGrpc::newBlockingStub);
    }

    final ClusterGrpc.ClusterBlockingStub members(int node) {
        return stub(node, ClusterGrpc::newBlockingStub);
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
    }
}
