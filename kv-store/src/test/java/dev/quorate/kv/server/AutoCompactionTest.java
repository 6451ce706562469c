package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The leader gives up history by itself. */
final class AutoCompactionTest {

    private static final AutoCompaction SHORT = new AutoCompaction.Periodic(Duration.ofMillis(50));

    @Test
    void historyEndsAlsoWherePermissionsAreInForce(@TempDir Path root) throws Exception {
        try (TestCluster cluster = new TestCluster(root, 1, 100_000)
                .with(config -> config.upkeep(Upkeep.DEFAULTS.withCompaction(SHORT)))) {
            cluster.startAll().leader();
            ManagedChannel channel = NettyChannelBuilder.forAddress(
                            "127.0.0.1", cluster.server("n1").clientPort())
                    .usePlaintext()
                    .build();
            try {
                RootUser.alone(channel);
                KVGrpc.KVBlockingStub kv = RootUser.with(RootUser.token(channel), KVGrpc.newBlockingStub(channel));
                long first = revision(kv, "1");
                revision(kv, "2");

                TestCluster.await("the first value is history", () -> isCompacted(kv, first));
                assertEquals("2", value(kv, 0));
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private static long revision(KVGrpc.KVBlockingStub kv, String value) {
        return kv.put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("k"))
                        .setValue(ByteString.copyFromUtf8(value))
                        .build())
                .getHeader()
                .getRevision();
    }

    private static String value(KVGrpc.KVBlockingStub kv, long revision) {
        return kv.range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("k"))
                        .setRevision(revision)
                        .build())
                .getKvs(0)
                .getValue()
                .toStringUtf8();
    }

    private static boolean isCompacted(KVGrpc.KVBlockingStub kv, long revision) {
        try {
            value(kv, revision);
            return false;
        } catch (StatusRuntimeException e) {
            assertEquals(Status.Code.OUT_OF_RANGE, e.getStatus().getCode(), e::toString);
            return true;
        }
    }
}
