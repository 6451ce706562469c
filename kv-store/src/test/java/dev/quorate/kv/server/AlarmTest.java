package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.AlarmRequest;
import dev.quorate.kv.api.AlarmRequest.AlarmAction;
import dev.quorate.kv.api.AlarmResponse;
import dev.quorate.kv.api.AlarmType;
import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class AlarmTest {

    private static final int VALUE_BYTES = 64 << 10;
    private static final long QUOTA_BYTES = 8L << 20;

    @TempDir
    private Path root;

    @Test
    void anAlarmOfOneMemberStopsWritesThatTakeSpaceAtAllOfThemUntilItIsTakenBack() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 3, 100_000).startAll()) {
            TestClient leader = cluster.client(cluster.leader());
            TestClient follower = cluster.client(cluster.aFollower());
            leader.put("a", "1");
            AlarmResponse raised = alarm(follower, AlarmAction.ACTIVATE, 7, AlarmType.NOSPACE);

            assertEquals(1, raised.getAlarmsCount());
            for (TestClient client : new TestClient[] {leader, follower}) {
                assertNoSpace(() -> client.put("b", "2"));
                assertNoSpace(() -> client.kv().txn(txnWithPut("b")));
            }
            assertEquals("1", leader.value("a"));
            long revision = leader.kv()
                    .deleteRange(
                            DeleteRangeRequest.newBuilder().setKey(key("a")).build())
                    .getHeader()
                    .getRevision();
            leader.kv()
                    .compact(
                            CompactionRequest.newBuilder().setRevision(revision).build());
            assertEquals("memberID:7 alarm:NOSPACE", leader.status().getErrors(0));

            assertEquals(
                    raised.getAlarmsList(),
                    alarm(leader, AlarmAction.DEACTIVATE, 7, AlarmType.NOSPACE).getAlarmsList());
            assertEquals(0, alarm(follower, AlarmAction.GET, 0, AlarmType.NONE).getAlarmsCount());
            follower.put("b", "2");
        }
    }

    @Test
    void aStoreThatReachesItsQuotaRaisesTheAlarmAndRemembersItOverARestart() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 1, 100_000)) {
            cluster.with(config -> config.upkeep(Upkeep.DEFAULTS.withQuotaBytes(QUOTA_BYTES)))
                    .startAll();
            cluster.leader();
            byte[] value = new byte[VALUE_BYTES];
            ThreadLocalRandom.current().nextBytes(value);
            PutRequest put = PutRequest.newBuilder()
                    .setKey(key("k"))
                    .setValue(ByteString.copyFrom(value))
                    .build();

            assertNoSpace(() -> {
                for (int i = 0; i <= 2 * QUOTA_BYTES / VALUE_BYTES; i++) {
                    cluster.client("n1").kv().put(put);
                }
            });

            TestCluster.await(
                    "the alarm",
                    () -> !cluster.client("n1").status().getErrorsList().isEmpty());
            assertTrue(cluster.client("n1").status().getErrors(0).endsWith("alarm:NOSPACE"));
            assertEquals(QUOTA_BYTES, cluster.client("n1").status().getDbSizeQuota());
            cluster.stop("n1");
            cluster.start("n1");
            cluster.leader();
            assertNoSpace(() -> cluster.client("n1").put("small", "v"));
            assertEquals(1, cluster.client("n1").get("k").getCount());
        }
    }

    @Test
    void aCorruptClusterAnswersNothingButMaintenance() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 1, 100_000).startAll()) {
            cluster.leader();
            TestClient client = cluster.client("n1");
            client.put("a", "1");
            alarm(client, AlarmAction.ACTIVATE, 1, AlarmType.CORRUPT);

            for (Executable request : new Executable[] {
                () -> client.get("a"),
                () -> client.put("a", "2"),
                () -> client.kv().txn(TxnRequest.getDefaultInstance()),
                () -> client.kv()
                        .deleteRange(
                                DeleteRangeRequest.newBuilder().setKey(key("a")).build()),
                () -> client.kv()
                        .compact(CompactionRequest.newBuilder().setRevision(2).build())
            }) {
                Status status =
                        assertThrows(StatusRuntimeException.class, request).getStatus();
                assertEquals(Status.Code.DATA_LOSS, status.getCode());
                assertEquals("etcdserver: corrupt cluster", status.getDescription());
            }

            alarm(client, AlarmAction.DEACTIVATE, 0, AlarmType.NONE);
            assertEquals("1", client.value("a"));
        }
    }

    private static AlarmResponse alarm(TestClient client, AlarmAction action, long member, AlarmType type) {
        return client.maintenance()
                .alarm(AlarmRequest.newBuilder()
                        .setAction(action)
                        .setMemberID(member)
                        .setAlarm(type)
                        .build());
    }

    private static TxnRequest txnWithPut(String key) {
        return TxnRequest.newBuilder()
                .addFailure(RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder().setKey(key(key))))
                .build();
    }

    private static void assertNoSpace(Executable request) {
        Status status = assertThrows(StatusRuntimeException.class, request).getStatus();
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, status.getCode());
        assertEquals("etcdserver: mvcc: database space exceeded", status.getDescription());
    }

    private static ByteString key(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
