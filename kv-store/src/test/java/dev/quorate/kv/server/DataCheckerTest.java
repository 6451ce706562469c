package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.AlarmRequest;
import dev.quorate.kv.api.AlarmType;
import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.MemberRemoveRequest;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.StoreOptions;
import dev.quorate.kv.mvcc.Writer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members compare what they hold. */
final class DataCheckerTest {

    @TempDir
    private Path root;

    @Test
    void whoeverHoldsSomethingElseIsNamedByAnAlarmThatStopsTheCluster() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 3, 100_000)
                .with(config -> config.upkeep(Upkeep.DEFAULTS.withCheckInterval(Duration.ofMillis(200))))) {
            cluster.startAll();
            String wrong = cluster.aFollower();
            long wrongId = cluster.client(wrong).status().getHeader().getMemberId();
            cluster.client(wrong).put("k", "right");
            cluster.stop(wrong);
            write(store(root.resolve(wrong)));
            cluster.start(wrong);

            TestCluster.await("an alarm", () -> !alarms(cluster).isEmpty());

            assertEquals(List.of(wrongId), alarms(cluster));
            StatusRuntimeException refused = assertThrows(
                    StatusRuntimeException.class,
                    () -> cluster.client(cluster.leader()).put("k", "x"));
            assertEquals(Status.Code.DATA_LOSS, refused.getStatus().getCode());

            cluster.stop(wrong);
            TestClient leader = cluster.client(cluster.leader());
            leader.maintenance()
                    .alarm(AlarmRequest.newBuilder()
                            .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                            .setAlarm(AlarmType.CORRUPT)
                            .setMemberID(wrongId)
                            .build());
            leader.cluster()
                    .memberRemove(
                            MemberRemoveRequest.newBuilder().setID(wrongId).build());
            leader.put("k", "right again");
            long index = leader.status().getRaftIndex();
            TestCluster.await("checks of the two", () -> leader.status().getRaftIndex() >= index + 6);
            assertEquals(List.of(), alarms(cluster));
        }
    }

    @Test
    void checksBesideWritesAndCompactionsFindNothingWhereNothingIsWrong() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 3, 100)
                .with(config -> config.upkeep(Upkeep.DEFAULTS.withCheckInterval(Duration.ofMillis(100))))) {
            cluster.startAll();
            TestClient client = cluster.client(cluster.leader());
            for (int i = 0; i < 500; i++) {
                long revision = client.put("k" + i % 7, "v" + i).getHeader().getRevision();
                if (i % 10 == 0) {
                    client.kv()
                            .deleteRange(DeleteRangeRequest.newBuilder()
                                    .setKey(ByteString.copyFromUtf8("k" + i % 7))
                                    .build());
                }
                if (i % 50 == 0) {
                    client.kv()
                            .compact(CompactionRequest.newBuilder()
                                    .setRevision(revision)
                                    .build());
                }
            }

            // A check is four entries, and none begins before all have answered the one before.
            long index = client.status().getRaftIndex();
            TestCluster.await("three checks", () -> client.status().getRaftIndex() >= index + 12);
            assertEquals(List.of(), alarms(cluster));
        }
    }

    /** A key that no command has written, as a bug might have put it there. */
    private static void write(Path directory) throws Exception {
        try (MvccStore store = MvccStore.open(directory, StoreOptions.defaults())) {
            Writer writer = store.writer();
            writer.begin();
            PutRequest put = PutRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8("stray"))
                    .build();
            writer.txn(
                    TxnRequest.newBuilder()
                            .addSuccess(RequestOp.newBuilder().setRequestPut(put))
                            .build(),
                    false);
            writer.end();
            store.flush();
        }
    }

    private static Path store(Path data) throws Exception {
        assertTrue(Files.isDirectory(data.resolve("store")), () -> "no store in " + data);
        return data.resolve("store");
    }

    private static List<Long> alarms(TestCluster cluster) {
        return cluster
                .client(cluster.leader())
                .maintenance()
                .alarm(AlarmRequest.newBuilder()
                        .setAction(AlarmRequest.AlarmAction.GET)
                        .setAlarm(AlarmType.CORRUPT)
                        .build())
                .getAlarmsList()
                .stream()
                .map(alarm -> alarm.getMemberID())
                .toList();
    }
}
