package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client says in a header what its reads may miss. */
final class ReadConsistencyTest {

    private static final Metadata.Key<String> HEADER =
            Metadata.Key.of("quorate-read-consistency", Metadata.ASCII_STRING_MARSHALLER);
    private static final List<String> ALL = List.of("linearizable", "lease", "bounded-staleness=60000", "local");
    private static final RangeRequest KEY =
            RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build();

    @TempDir
    private Path root;

    private static KVGrpc.KVBlockingStub asking(TestCluster cluster, String name, String consistency) {
        Metadata headers = new Metadata();
        headers.put(HEADER, consistency);
        return cluster.client(name).kv().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private static String read(TestCluster cluster, String name, String consistency) {
        return asking(cluster, name, consistency)
                .range(KEY)
                .getKvs(0)
                .getValue()
                .toStringUtf8();
    }

    @Test
    void everyMemberServesEveryConsistencyWithAndWithoutLeases() throws Exception {
        for (double drift : new double[] {0.01, Double.POSITIVE_INFINITY}) {
            Path directory = root.resolve("drift" + drift);
            try (TestCluster cluster = new TestCluster(directory, 3, 1_000)
                    .with(config -> config.maxClockDrift(drift))
                    .startAll()) {
                cluster.client(cluster.leader()).put("k", "v");
                for (String name : cluster.names()) {
                    cluster.client(name).value("k"); // what is applied here from now on has the key
                    for (String consistency : ALL) {
                        assertEquals("v", read(cluster, name, consistency), consistency + " at " + name);
                    }
                    TxnRequest readOnly = TxnRequest.newBuilder()
                            .addSuccess(RequestOp.newBuilder().setRequestRange(KEY))
                            .build();
                    assertTrue(asking(cluster, name, "lease").txn(readOnly).getSucceeded());
                }
            }
        }
    }

    @Test
    void withoutALeaderOnlyWhatMayMissSomethingIsServed() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 3, 1_000).startAll()) {
            String leader = cluster.leader();
            String stays = cluster.aFollower();
            cluster.client(stays).put("k", "v");
            assertEquals("v", read(cluster, stays, "linearizable"), "a proof of freshness, from now on");
            for (String name : cluster.names()) {
                if (!name.equals(stays)) {
                    cluster.stop(name);
                }
            }
            assertTrue(!leader.equals(stays));

            assertEquals("v", read(cluster, stays, "local"));
            assertEquals("v", read(cluster, stays, "bounded-staleness=600000"));
            for (String strong : List.of("linearizable", "lease", "bounded-staleness=1")) {
                StatusRuntimeException refused =
                        assertThrows(StatusRuntimeException.class, () -> read(cluster, stays, strong), strong);
                assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode(), strong);
            }
        }
    }

    @Test
    void aHeaderThatMeansNothingIsRefusedWithWhatWouldBeRight() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 1, 1_000).startAll()) {
            cluster.leader();
            for (String wrong :
                    List.of("", "strong", "bounded-staleness", "bounded-staleness=0", "bounded-staleness=1s")) {
                StatusRuntimeException refused =
                        assertThrows(StatusRuntimeException.class, () -> read(cluster, "n1", wrong), wrong);
                assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
                assertTrue(String.valueOf(refused.getStatus().getDescription())
                        .endsWith("it must be linearizable, lease, local, or bounded-staleness=MS with 1 to 999999999"
                                + " milliseconds"));
            }
        }
    }
}
