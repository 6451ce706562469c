package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.AlarmMember;
import dev.quorate.kv.api.AlarmRequest;
import dev.quorate.kv.api.AlarmType;
import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.HashKVRequest;
import dev.quorate.kv.api.HashKVResponse;
import dev.quorate.kv.api.LeaseGrantRequest;
import dev.quorate.kv.api.LeaseTimeToLiveRequest;
import dev.quorate.kv.api.Member;
import dev.quorate.kv.api.MemberListRequest;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeResponse;
import dev.quorate.kv.api.SnapshotRequest;
import dev.quorate.kv.api.SnapshotResponse;
import dev.quorate.kv.backup.BackupFile;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster is saved, and another one begins with it. */
final class BackupTest {

    private static final long LEASE = 4711;
    private static final long HOUR_SECONDS = 3_600;

    @TempDir
    private Path root;

    private TestCluster old;
    private Path file;

    @BeforeEach
    void aClusterWithHistory() throws Exception {
        file = root.resolve("backup.db");
        old = new TestCluster(root.resolve("old"), 3, 100).startAll();
        TestClient client = old.client(old.leader());
        for (int i = 0; i < 300; i++) {
            client.put("k" + i % 50, "v" + i);
        }
        client.kv()
                .deleteRange(DeleteRangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("k7"))
                        .build());
        client.lease()
                .leaseGrant(LeaseGrantRequest.newBuilder()
                        .setID(LEASE)
                        .setTTL(HOUR_SECONDS)
                        .build());
        client.kv()
                .put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("leased"))
                        .setValue(ByteString.copyFromUtf8("x"))
                        .setLease(LEASE)
                        .build());
        client.kv().compact(CompactionRequest.newBuilder().setRevision(200).build());
    }

    @AfterEach
    void stop() {
        old.close();
    }

    /** What was acknowledged before is in it, whichever member is asked. */
    private static Iterator<SnapshotResponse> linearizable(TestClient client) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("quorate-read-consistency", Metadata.ASCII_STRING_MARSHALLER), "linearizable");
        return client.maintenance()
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .snapshot(SnapshotRequest.getDefaultInstance());
    }

    private BackupFile save(Iterator<SnapshotResponse> parts) throws Exception {
        try (OutputStream out = Files.newOutputStream(file)) {
            while (parts.hasNext()) {
                parts.next().getBlob().writeTo(out);
            }
        }
        BackupFile backup = BackupFile.open(file);
        backup.verify(read -> {});
        return backup;
    }

    private TestCluster restored(BackupFile backup, long bump) throws Exception {
        TestCluster cluster = new TestCluster(root.resolve("new"), 3, 100);
        for (String name : cluster.names()) {
            KvRestore.run(backup, cluster.config(name).build(), bump, read -> {});
        }
        return cluster;
    }

    private static RangeResponse everything(TestClient client, long revision) {
        ByteString all = ByteString.copyFrom(new byte[1]);
        return client.kv()
                .range(RangeRequest.newBuilder()
                        .setKey(all)
                        .setRangeEnd(all)
                        .setRevision(revision)
                        .build());
    }

    private static HashKVResponse hash(TestClient client) {
        return client.maintenance().hashKV(HashKVRequest.getDefaultInstance());
    }

    @Test
    void theNewClusterGoesOnWhereTheOldOneWasSaved() throws Exception {
        TestClient client = old.client(old.aFollower());
        RangeResponse before = everything(client, 0);
        RangeResponse history = everything(client, 250);
        int hash = hash(client).getHash();
        BackupFile backup = save(linearizable(client));
        client.put("k1", "too late");

        try (TestCluster cluster = restored(backup, 0).startAll()) {
            TestClient restored = cluster.client(cluster.leader());
            assertEquals(before.getKvsList(), everything(restored, 0).getKvsList());
            assertEquals(history.getKvsList(), everything(restored, 250).getKvsList());
            assertEquals(before.getHeader().getRevision(), backup.info().revision());
            for (String name : cluster.names()) {
                TestCluster.await(
                        name + " has it all", () -> hash(cluster.client(name)).getHash() == hash);
            }
            assertEquals(
                    before.getHeader().getRevision() + 1,
                    restored.put("k1", "new").getHeader().getRevision());
            assertNotEquals(
                    before.getHeader().getClusterId(),
                    restored.get("k1").getHeader().getClusterId());
            assertEquals(
                    HOUR_SECONDS,
                    restored.lease()
                            .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                                    .setID(LEASE)
                                    .build())
                            .getGrantedTTL());
            StatusRuntimeException compacted =
                    assertThrows(StatusRuntimeException.class, () -> everything(restored, 199));
            assertEquals(Status.Code.OUT_OF_RANGE, compacted.getStatus().getCode());
        }
    }

    @Test
    void itIsAClusterLikeAnyOther() throws Exception {
        try (TestCluster cluster =
                restored(save(linearizable(old.client("n1"))), 0).startAll()) {
            cluster.leader();
            TestCluster.await(
                    "all members say who they are",
                    () -> members(cluster).stream()
                            .noneMatch(member -> member.getClientURLsList().isEmpty()));
            List<Long> ids = members(cluster).stream().map(Member::getID).toList();
            assertEquals(3, ids.stream().distinct().count());
            assertTrue(members(old).stream().map(Member::getID).noneMatch(ids::contains));
            for (int i = 0; i < 250; i++) { // beyond the next snapshot
                cluster.client("n1").put("after", "v" + i);
            }
            cluster.names().forEach(cluster::stop);

            cluster.startAll();

            assertEquals("v249", cluster.client(cluster.leader()).value("after"));
            assertEquals("x", cluster.client(cluster.aFollower()).value("leased"));
        }
    }

    private static List<Member> members(TestCluster cluster) {
        return cluster.client(cluster.leader())
                .cluster()
                .memberList(MemberListRequest.newBuilder().setLinearizable(true).build())
                .getMembersList();
    }

    @Test
    void aMemberThatWasMadeFromNothingOrFromAnotherBackupIsNotLetIn() throws Exception {
        BackupFile first = save(linearizable(old.client("n1")));
        try (TestCluster cluster = restored(first, 0)) {
            cluster.start("n1");
            cluster.start("n2");
            cluster.leader();
            old.client("n1").put("k1", "later");
            Files.move(root.resolve("new/n3"), root.resolve("aside"));
            cluster.start("n3"); // empty: it begins a cluster of its own
            assertNotEquals(clusterId(cluster, "n1"), clusterId(cluster, "n3"));
            cluster.stop("n3");
            Files.move(root.resolve("new/n3"), root.resolve("aside too"));
            KvRestore.run(
                    save(linearizable(old.client("n1"))), cluster.config("n3").build(), 0, read -> {});

            cluster.start("n3");

            assertNotEquals(clusterId(cluster, "n1"), clusterId(cluster, "n3"));
            cluster.stop("n3");
            Files.move(root.resolve("new/n3"), root.resolve("aside three"));
            Files.move(root.resolve("aside"), root.resolve("new/n3"));
            cluster.start("n3");
            assertEquals(clusterId(cluster, "n1"), clusterId(cluster, "n3"));
            TestCluster.await(
                    "the right one is let in",
                    () -> "v251".equals(cluster.client("n3").value("k1")));
        }
    }

    private static long clusterId(TestCluster cluster, String name) {
        return cluster.client(name).status().getHeader().getClusterId();
    }

    @Test
    void revisionsCanBeMovedBeyondThoseThatWereSeen() throws Exception {
        BackupFile backup = save(linearizable(old.client("n1")));
        long revision = backup.info().revision();

        try (TestCluster cluster = restored(backup, 1_000_000).startAll()) {
            TestClient client = cluster.client(cluster.leader());

            RangeResponse now = everything(client, 0);
            assertEquals(revision + 1_000_000, now.getHeader().getRevision());
            assertEquals("v299", client.value("k49"));
            StatusRuntimeException old = assertThrows(StatusRuntimeException.class, () -> everything(client, revision));
            assertTrue(String.valueOf(old.getMessage()).contains("has been compacted"), old::getMessage);
            assertEquals(
                    revision + 1_000_001, client.put("k1", "new").getHeader().getRevision());
            List<Integer> hashes = new ArrayList<>();
            for (String name : cluster.names()) {
                TestCluster.await(
                        name + " is as far",
                        () -> hash(cluster.client(name)).getHashRevision() == revision + 1_000_001);
                hashes.add(hash(cluster.client(name)).getHash());
            }
            assertEquals(1, hashes.stream().distinct().count());
        }
    }

    @Test
    void alarmsOfMembersThatAreGoneAreGoneAndThoseOfTheDataStay() throws Exception {
        for (AlarmType type : List.of(AlarmType.NOSPACE, AlarmType.CORRUPT)) {
            old.client("n1")
                    .maintenance()
                    .alarm(AlarmRequest.newBuilder()
                            .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                            .setMemberID(1)
                            .setAlarm(type)
                            .build());
        }

        try (TestCluster cluster =
                restored(save(linearizable(old.client("n1"))), 0).startAll()) {
            List<AlarmMember> alarms = cluster.client(cluster.leader())
                    .maintenance()
                    .alarm(AlarmRequest.getDefaultInstance())
                    .getAlarmsList();

            assertEquals(
                    List.of(AlarmType.CORRUPT),
                    alarms.stream().map(AlarmMember::getAlarm).toList());
        }
    }

    @Test
    void aMemberWithoutALeaderGivesWhatItHas() throws Exception {
        String follower = old.aFollower();
        TestCluster.await(
                "it has applied the compaction",
                () -> hash(old.client(follower)).getCompactRevision() == 200);
        old.names().stream().filter(name -> !name.equals(follower)).forEach(old::stop);
        TestClient alone = old.client(follower);

        BackupFile backup = save(alone.maintenance().snapshot(SnapshotRequest.getDefaultInstance()));

        assertEquals(alone.status().getHeader().getRevision(), backup.info().revision());
        StatusRuntimeException refusal = assertThrows(
                StatusRuntimeException.class, () -> linearizable(alone).hasNext());
        assertEquals(Status.Code.UNAVAILABLE, refusal.getStatus().getCode());
    }

    @Test
    void aClientThatGoesAwayLeavesNothing() throws Exception {
        Path copies = root.resolve("old/n1/backups");
        try (TestClient hasty = new TestClient(old.server("n1").clientPort())) {
            assertTrue(hasty.maintenance()
                    .snapshot(SnapshotRequest.getDefaultInstance())
                    .hasNext());
        }

        TestCluster.await("the copy is deleted", () -> {
            try (Stream<Path> left = Files.list(copies)) {
                return left.findAny().isEmpty();
            }
        });
    }

    @Test
    void aRestoreReplacesNothing() throws Exception {
        BackupFile backup = save(linearizable(old.client("n1")));
        KvServerConfig config =
                new TestCluster(root.resolve("new"), 1, 100).config("n1").build();
        KvRestore.run(backup, config, 0, read -> {});
        byte[] identity = Files.readAllBytes(config.dataDirectory().resolve("identity"));

        KvServerException refusal =
                assertThrows(KvServerException.class, () -> KvRestore.run(backup, config, 0, read -> {}));

        assertEquals(KvServerException.Reason.DIRECTORY_FOREIGN, refusal.reason());
        assertEquals(
                ByteString.copyFrom(identity),
                ByteString.copyFrom(Files.readAllBytes(config.dataDirectory().resolve("identity"))));
    }

    @Test
    void aDamagedBackupLeavesNothing() throws Exception {
        save(linearizable(old.client("n1")));
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        BackupFile damaged = BackupFile.open(file);
        KvServerConfig config =
                new TestCluster(root.resolve("new"), 1, 100).config("n1").build();

        KvServerException refusal =
                assertThrows(KvServerException.class, () -> KvRestore.run(damaged, config, 0, read -> {}));

        assertTrue(String.valueOf(refusal.getMessage()).contains("is damaged"), refusal::getMessage);
        assertFalse(Files.exists(config.dataDirectory()));
        try (Stream<Path> left = Files.list(root.resolve("new"))) {
            assertEquals(List.of(), left.toList());
        }
    }
}
