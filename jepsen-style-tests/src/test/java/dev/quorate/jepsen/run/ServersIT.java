package dev.quorate.jepsen.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.jepsen.client.ClusterClient;
import dev.quorate.jepsen.client.NodeClient;
import dev.quorate.jepsen.client.RunClock;
import dev.quorate.jepsen.cluster.Cluster;
import dev.quorate.jepsen.cluster.FreePorts;
import dev.quorate.jepsen.nemesis.Garbage;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeResponse;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.StatusResponse;
import dev.quorate.kv.api.TxnRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.function.Executable;

/** Three servers, one set for all these tests: each leaves them well. */
@NullMarked
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServersIT {

    private static final Duration RECOVERY = Duration.ofSeconds(60);
    private static final int MAX_REQUEST_BYTES = 1_536 << 10;
    private static final int MAX_TXN_OPERATIONS = 128;

    private @Nullable Cluster startedCluster;
    private @Nullable ClusterClient startedClient;

    @BeforeAll
    void startServers() throws IOException {
        startedCluster = new Cluster(
                TestServers.system(OptionalLong.of(1_000)), FreePorts.nodes(3), TestServers.newDirectory("servers"));
        startedClient = new ClusterClient(cluster().nodes(), new RunClock(), Duration.ofSeconds(5), false);
        cluster().startAll();
        awaitAll();
    }

    @AfterAll
    void endServers() {
        if (startedClient != null) {
            startedClient.close();
        }
        if (startedCluster != null) {
            startedCluster.close();
        }
    }

    private Cluster cluster() {
        return Objects.requireNonNull(startedCluster);
    }

    private ClusterClient client() {
        return Objects.requireNonNull(startedClient);
    }

    private void awaitAll() {
        for (NodeClient node : client().all()) {
            Await.until(node.node().name() + " answers a linearizable read", RECOVERY, () -> answers(node));
        }
    }

    private static boolean answers(NodeClient node) {
        try {
            node.range(RangeRequest.newBuilder().setKey(bytes("any")).build());
            return true;
        } catch (StatusRuntimeException notYet) {
            return false;
        }
    }

    @Test
    void everyAcknowledgedWriteIsThereAfterAllServersWereKilledAtOnce() throws Exception {
        // given servers that are killed, all at once, in the middle of many writes
        BulkWriter writer = new BulkWriter(client().all(), "all-killed/");
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> putMany(writer, 50_000));
        Await.until(
                "2000 writes are acknowledged",
                RECOVERY,
                () -> writer.acknowledged().size() >= 2_000);
        cluster().killAll();
        writing.join();
        Set<String> acknowledged = new HashSet<>(writer.acknowledged());

        // when
        cluster().startAll();
        awaitAll();

        // then
        for (NodeClient node : client().all()) {
            Set<String> missing = new HashSet<>(acknowledged);
            missing.removeAll(keys(node.range(prefix("all-killed/").build())));
            assertEquals(
                    Set.of(),
                    missing,
                    "acknowledged, and missing on " + node.node().name());
        }
    }

    private static void putMany(BulkWriter writer, int count) {
        try {
            writer.put(0, count);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aServerThatWasAwayWhileTheLogWasCompactedCatchesUp() throws Exception {
        // given a follower that was killed before many writes
        String away = cluster().names().stream()
                .filter(name -> !name.equals(client().leader()))
                .findFirst()
                .orElseThrow();
        List<NodeClient> others = client().all().stream()
                .filter(node -> !node.node().name().equals(away))
                .toList();
        cluster().kill(away);
        BulkWriter writer = new BulkWriter(others, "compacted/");
        writer.put(0, 25_000);
        assertTrue(writer.acknowledged().size() > 24_000, "two of three take writes");

        // when
        cluster().start(away);

        // then it holds what the others hold
        long newest = appliedIndex(others.get(0));
        Await.until(
                away + " has applied what the others had", RECOVERY, () -> appliedIndex(client().of(away)) >= newest);
        assertTookASnapshot(away);
        RangeRequest own =
                prefix("compacted/").setSerializable(true).setKeysOnly(true).build();
        assertEquals(
                others.get(0).range(own).getKvsList(),
                client().of(away).range(own).getKvsList());
    }

    /** It did not fetch the entries one by one after all. */
    private void assertTookASnapshot(String node) throws IOException {
        String log = Files.readString(cluster().log(node));
        assertTrue(
                !TestServers.isProduct() || log.contains("took over the snapshot"),
                () -> node + " tells of no snapshot in " + cluster().log(node));
    }

    private static long appliedIndex(NodeClient node) {
        StatusResponse status = node.status();
        return status == null ? 0 : status.getRaftAppliedIndex();
    }

    @Test
    void badRequestsAreRefusedWithTheProtocolsErrorsOnEveryServer() {
        for (NodeClient node : client().all()) {
            assertRefused(
                    Status.Code.INVALID_ARGUMENT,
                    "etcdserver: key is not provided",
                    () -> node.kv().put(put("", 1)));
            assertRefused(
                    Status.Code.INVALID_ARGUMENT,
                    "etcdserver: key is not provided",
                    () -> node.kv().range(RangeRequest.getDefaultInstance()));
            assertRefused(
                    Status.Code.INVALID_ARGUMENT,
                    "etcdserver: request is too large",
                    () -> node.kv().put(put("big", MAX_REQUEST_BYTES + 1)));
            assertRefused(Status.Code.RESOURCE_EXHAUSTED, "", () -> node.kv().put(put("huge", 4 << 20)));
            assertRefused(
                    Status.Code.INVALID_ARGUMENT,
                    "etcdserver: too many operations in txn request",
                    () -> node.kv().txn(puts(MAX_TXN_OPERATIONS + 1)));

            // and goes on as if nothing had been
            assertTrue(node.kv().txn(puts(MAX_TXN_OPERATIONS)).getSucceeded());
            assertEquals(0, node.range(prefix("big").build()).getCount());
        }
    }

    private static void assertRefused(Status.Code code, String words, Executable request) {
        StatusRuntimeException refusal = assertThrows(StatusRuntimeException.class, request);
        assertEquals(code, refusal.getStatus().getCode(), refusal::toString);
        assertTrue(refusal.toString().contains(words), refusal::toString);
    }

    @Test
    void garbageAtBothPortsHasNoEffect() {
        Random random = new Random(1);
        long before =
                client().all().get(0).range(prefix("g").build()).getHeader().getRevision();

        for (int round = 0; round < 5; round++) {
            cluster().nodes().forEach(node -> Garbage.sendAll(node, random));
        }

        for (NodeClient node : client().all()) {
            assertEquals(before, node.range(prefix("g").build()).getHeader().getRevision());
        }
        client().all()
                .forEach(node -> node.kv().put(put("garbage/" + node.node().name(), 10)));
        assertEquals(List.of(), cluster().unexpectedExits());
    }

    private static Set<String> keys(RangeResponse answer) {
        Set<String> keys = new HashSet<>();
        answer.getKvsList().forEach(pair -> keys.add(pair.getKey().toStringUtf8()));
        return keys;
    }

    private static RangeRequest.Builder prefix(String prefix) {
        char last = prefix.charAt(prefix.length() - 1);
        return RangeRequest.newBuilder()
                .setKey(bytes(prefix))
                .setRangeEnd(bytes(prefix.substring(0, prefix.length() - 1) + (char) (last + 1)));
    }

    private static PutRequest put(String key, int valueBytes) {
        return PutRequest.newBuilder()
                .setKey(bytes(key))
                .setValue(ByteString.copyFrom(new byte[valueBytes]))
                .build();
    }

    private static TxnRequest puts(int count) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int i = 0; i < count; i++) {
            txn.addSuccess(RequestOp.newBuilder().setRequestPut(put("txn/" + i, 1)));
        }
        return txn.build();
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
