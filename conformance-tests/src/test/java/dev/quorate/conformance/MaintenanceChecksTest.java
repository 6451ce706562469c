package dev.quorate.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.AlarmMember;
import dev.quorate.kv.api.AlarmRequest;
import dev.quorate.kv.api.AlarmRequest.AlarmAction;
import dev.quorate.kv.api.AlarmType;
import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.DefragmentRequest;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.DowngradeRequest;
import dev.quorate.kv.api.HashKVRequest;
import dev.quorate.kv.api.HashKVResponse;
import dev.quorate.kv.api.HashRequest;
import dev.quorate.kv.api.LeaseGrantRequest;
import dev.quorate.kv.api.LeaseGrpc;
import dev.quorate.kv.api.MoveLeaderRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.SnapshotRequest;
import dev.quorate.kv.api.SnapshotResponse;
import dev.quorate.kv.api.StatusRequest;
import io.grpc.Status.Code;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Maintenance. */
@ConformanceChecks
final class MaintenanceChecksTest extends Checks {

    MaintenanceChecksTest(Server server) {
        super(server);
    }

    private HashKVResponse hashKv(int node, long revision) {
        return cluster()
                .maintenance(node)
                .hashKV(HashKVRequest.newBuilder().setRevision(revision).build());
    }

    /** After this every member has what was acknowledged. */
    private void letAllApply() {
        for (int node = 0; node < Cluster.NODES; node++) {
            cluster().kv(node).range(RangeRequest.newBuilder().setKey(key("k")).build());
        }
    }

    @Test
    void allMembersHaveTheSameHashAtTheSameRevision() {
        for (int i = 0; i < 20; i++) {
            put(key("k" + i % 5), "v" + i);
        }
        delete(key("k1"));
        long revision = put(key("k"), "last").getHeader().getRevision();
        letAllApply();
        put(key("k"), "later");

        Set<Integer> hashes = new HashSet<>();
        for (int node = 0; node < Cluster.NODES; node++) {
            hashes.add(hashKv(node, revision).getHash());
        }

        assertEquals(1, hashes.size());
        assertNotEquals(0, hashes.iterator().next());
        assertNotEquals(hashes, Set.of(hashKv(0, revision + 1).getHash()));
    }

    @Test
    void theHashSaysWhatIsCompactedAndIsRefusedOutsideOfTheHistory() {
        long first = put(key("h"), "1").getHeader().getRevision();
        long second = put(key("h"), "2").getHeader().getRevision();
        cluster()
                .kv()
                .compact(CompactionRequest.newBuilder()
                        .setRevision(second)
                        .setPhysical(true)
                        .build());

        assertEquals(second, hashKv(0, 0).getCompactRevision());
        assertRefused(
                Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted", () -> hashKv(0, first));
        assertRefused(
                Code.OUT_OF_RANGE,
                "etcdserver: mvcc: required revision is a future revision",
                () -> hashKv(0, second + 1_000_000));
    }

    @Test
    void theHashOfEverythingIsAnswered() {
        put(key("k"), "1");

        assertNotEquals(
                0,
                cluster().maintenance(0).hash(HashRequest.getDefaultInstance()).getHash());
    }

    @Test
    void aDefragmentedMemberStillHasEverything() {
        put(key("d"), "1");

        assertFalse(cluster()
                .maintenance(1)
                .defragment(DefragmentRequest.getDefaultInstance())
                .hasHeader());

        assertEquals(
                List.of("1"),
                values(cluster()
                        .kv(1)
                        .range(RangeRequest.newBuilder().setKey(key("d")).build())
                        .getKvsList()));
    }

    @Test
    void anAlarmOfFullDisksStopsWhatNeedsRoomAndIsTakenBack() {
        put(key("a"), "1");
        long member = cluster()
                .maintenance(0)
                .status(StatusRequest.getDefaultInstance())
                .getHeader()
                .getMemberId();
        AlarmRequest alarm = AlarmRequest.newBuilder()
                .setAction(AlarmAction.ACTIVATE)
                .setMemberID(member)
                .setAlarm(AlarmType.NOSPACE)
                .build();
        String full = "etcdserver: mvcc: database space exceeded";
        try {
            assertEquals(
                    List.of(AlarmMember.newBuilder()
                            .setMemberID(member)
                            .setAlarm(AlarmType.NOSPACE)
                            .build()),
                    cluster().maintenance(0).alarm(alarm).getAlarmsList());
            letAllApply();

            assertRefused(Code.RESOURCE_EXHAUSTED, full, () -> put(key("a"), "2"));
            assertRefused(
                    Code.RESOURCE_EXHAUSTED,
                    full,
                    () -> cluster()
                            .stub(0, LeaseGrpc::newBlockingStub)
                            .leaseGrant(
                                    LeaseGrantRequest.newBuilder().setTTL(60).build()));
            assertEquals(List.of("1"), values(get(key("a")).getKvsList()));
            assertEquals(
                    1,
                    cluster()
                            .kv()
                            .deleteRange(DeleteRangeRequest.newBuilder()
                                    .setKey(key("a"))
                                    .build())
                            .getDeleted());
            assertTrue(cluster()
                    .maintenance(0)
                    .status(StatusRequest.getDefaultInstance())
                    .getErrorsList()
                    .toString()
                    .contains("NOSPACE"));
        } finally {
            cluster()
                    .maintenance(0)
                    .alarm(alarm.toBuilder().setAction(AlarmAction.DEACTIVATE).build());
        }
        letAllApply();
        put(key("a"), "3");
        assertEquals(List.of("3"), values(get(key("a")).getKvsList()));
    }

    @Test
    void aSnapshotComesInPartsWithWhatRemainsAndEndsWithItsChecksum() throws Exception {
        put(key("saved"), "x".repeat(100_000)); // more than a part
        for (int node = 0; node < Cluster.NODES; node++) {
            List<SnapshotResponse> parts = new ArrayList<>();
            cluster()
                    .maintenance(node)
                    .snapshot(SnapshotRequest.getDefaultInstance())
                    .forEachRemaining(parts::add);

            ByteString checksum = parts.get(parts.size() - 1).getBlob();
            List<SnapshotResponse> contents = parts.subList(0, parts.size() - 1);
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            long rest =
                    contents.stream().mapToLong(part -> part.getBlob().size()).sum();
            assertTrue(contents.size() > 1);
            assertEquals(0, rest % 512);
            for (SnapshotResponse part : contents) {
                digest.update(part.getBlob().asReadOnlyByteBuffer());
                rest -= part.getBlob().size();
                assertEquals(rest, part.getRemainingBytes());
            }
            assertEquals(ByteString.copyFrom(digest.digest()), checksum);
            assertEquals(0, parts.get(parts.size() - 1).getRemainingBytes());
        }
    }

    @Test
    void onlyTheLeaderMovesTheLeadershipAndOnlyToAMember() {
        long leader = cluster()
                .maintenance(0)
                .status(StatusRequest.getDefaultInstance())
                .getLeader();
        assertNotEquals(0, leader);
        for (int node = 0; node < Cluster.NODES; node++) {
            int asked = node;
            long member = cluster()
                    .maintenance(node)
                    .status(StatusRequest.getDefaultInstance())
                    .getHeader()
                    .getMemberId();
            boolean leads = member == leader;
            assertRefused(
                    Code.FAILED_PRECONDITION,
                    leads ? "etcdserver: bad leader transferee" : "etcdserver: not leader",
                    () -> cluster()
                            .maintenance(asked)
                            .moveLeader(MoveLeaderRequest.newBuilder()
                                    .setTargetID(4_711)
                                    .build()));
        }
    }

    @Test
    @Since("3.5")
    void aDowngradeNeedsAVersionAndOneThatIsUnderWayToBeCanceled() {
        assertRefused(
                Code.INVALID_ARGUMENT,
                "etcdserver: wrong downgrade target version format",
                () -> cluster()
                        .maintenance(0)
                        .downgrade(DowngradeRequest.newBuilder()
                                .setAction(DowngradeRequest.DowngradeAction.VALIDATE)
                                .setVersion("yesterday's")
                                .build()));
        assertRefused(
                Code.FAILED_PRECONDITION,
                "etcdserver: no inflight downgrade job",
                () -> cluster()
                        .maintenance(0)
                        .downgrade(DowngradeRequest.newBuilder()
                                .setAction(DowngradeRequest.DowngradeAction.CANCEL)
                                .build()));
    }
}
