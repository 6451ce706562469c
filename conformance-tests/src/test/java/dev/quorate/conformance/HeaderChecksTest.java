package dev.quorate.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.MemberListRequest;
import dev.quorate.kv.api.MemberListResponse;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.ResponseHeader;
import dev.quorate.kv.api.StatusRequest;
import dev.quorate.kv.api.StatusResponse;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What holds for every request; compaction; who the members are. */
@ConformanceChecks
final class HeaderChecksTest extends Checks {

    HeaderChecksTest(Server server) {
        super(server);
    }

    private StatusResponse status(int node) {
        return cluster().maintenance(node).status(StatusRequest.getDefaultInstance());
    }

    @Test
    void theClusterIsOneAndTheMembersAreThree() {
        Set<Long> clusters = new HashSet<>();
        Set<Long> members = new HashSet<>();
        for (int node = 0; node < Cluster.NODES; node++) {
            ResponseHeader header = cluster()
                    .kv(node)
                    .range(RangeRequest.newBuilder().setKey(key("k")).build())
                    .getHeader();
            clusters.add(header.getClusterId());
            members.add(header.getMemberId());
            assertTrue(header.getRaftTerm() > 0);
        }
        assertEquals(1, clusters.size());
        assertEquals(3, members.size());
    }

    @Test
    void statusNamesOneLeaderAtAllMembers() {
        long leader = status(0).getLeader();

        assertNotEquals(0, leader);
        for (int node = 0; node < Cluster.NODES; node++) {
            StatusResponse status = status(node);
            assertEquals(leader, status.getLeader());
            assertTrue(status.getRaftIndex() >= status.getRaftAppliedIndex());
            assertTrue(status.getRaftAppliedIndex() > 0);
            assertTrue(status.getDbSize() > 0);
            assertTrue(status.getVersion().matches("\\d+\\.\\d+\\.\\d+.*"), status.getVersion());
        }
    }

    @Test
    void theListOfMembersHasNoRevisionInItsHeader() {
        MemberListResponse list = cluster().members(0).memberList(MemberListRequest.getDefaultInstance());

        assertEquals(3, list.getMembersCount());
        assertEquals(0, list.getHeader().getRevision());
        assertNotEquals(0, list.getHeader().getClusterId());
        list.getMembersList().forEach(member -> {
            assertNotEquals("", member.getName());
            assertTrue(member.getClientURLs(0).startsWith("http://"));
            assertTrue(member.getPeerURLs(0).startsWith("http://"));
        });
    }

    @Test
    void anUnknownMethodIsUnimplemented() {
        var unknown = KVGrpc.getRangeMethod().toBuilder()
                .setFullMethodName("etcdserverpb.KV/NoSuchMethod")
                .build();

        StatusRuntimeException failure = assertThrows(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(
                        cluster().channel(0),
                        unknown,
                        cluster().kv().getCallOptions(),
                        RangeRequest.newBuilder().setKey(key("k")).build()));

        assertEquals(Code.UNIMPLEMENTED, failure.getStatus().getCode());
    }

    @Test
    void aMessageBeyondTheLimitOfTheConnectionIsRefusedByIt() {
        ByteString large = ByteString.copyFrom(new byte[4 << 20]);

        StatusRuntimeException failure = assertThrows(
                StatusRuntimeException.class,
                () -> cluster()
                        .kv()
                        .put(PutRequest.newBuilder()
                                .setKey(key("k"))
                                .setValue(large)
                                .build()));

        assertEquals(Code.RESOURCE_EXHAUSTED, failure.getStatus().getCode());
    }

    @Test
    void compactionGivesUpHistoryAndKeepsWhatIsReadable() {
        long first = put(key("k"), "1").getHeader().getRevision();
        long second = put(key("k"), "2").getHeader().getRevision();
        put(key("k"), "3");

        cluster()
                .kv()
                .compact(CompactionRequest.newBuilder()
                        .setRevision(second)
                        .setPhysical(true)
                        .build());

        assertRefused(Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted", () -> read(first));
        assertEquals("2", read(second));
        assertRefused(
                Code.OUT_OF_RANGE,
                "etcdserver: mvcc: required revision has been compacted",
                () -> cluster()
                        .kv()
                        .compact(CompactionRequest.newBuilder()
                                .setRevision(second)
                                .build()));
        assertRefused(
                Code.OUT_OF_RANGE,
                "etcdserver: mvcc: required revision is a future revision",
                () -> cluster()
                        .kv()
                        .compact(CompactionRequest.newBuilder()
                                .setRevision(second + 1_000_000)
                                .build()));
    }

    private String read(long revision) {
        return cluster()
                .kv()
                .range(RangeRequest.newBuilder()
                        .setKey(key("k"))
                        .setRevision(revision)
                        .build())
                .getKvs(0)
                .getValue()
                .toStringUtf8();
    }
}
