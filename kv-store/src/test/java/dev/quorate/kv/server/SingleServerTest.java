package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.Compare;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.DeleteRangeResponse;
import dev.quorate.kv.api.Member;
import dev.quorate.kv.api.MemberListRequest;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeResponse;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.StatusResponse;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.api.TxnResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** One server, from the network to the disk. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SingleServerTest {

    private static final Metadata.Key<String> OUTCOME =
            Metadata.Key.of("quorate-outcome", Metadata.ASCII_STRING_MARSHALLER);

    private TestCluster cluster;
    private TestClient client;
    private String key = "";

    SingleServerTest(@TempDir Path root) throws Exception {
        cluster = new TestCluster(root, 1, 100_000).startAll();
        client = cluster.client("n1");
    }

    @BeforeAll
    void awaitLeader() {
        assertEquals("n1", cluster.leader());
    }

    @BeforeEach
    void nameKey(TestInfo test) {
        key = test.getDisplayName();
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }

    @Test
    void whatWasPutIsThere() {
        long revision = client.put(key, "hello").getHeader().getRevision();

        RangeResponse got = client.get(key);

        assertEquals("hello", got.getKvs(0).getValue().toStringUtf8());
        assertEquals(revision, got.getKvs(0).getModRevision());
        assertEquals(revision, got.getKvs(0).getCreateRevision());
        assertEquals(1, got.getKvs(0).getVersion());
        assertEquals(1, got.getCount());
    }

    @Test
    void headersNameClusterMemberRevisionAndTerm() {
        RangeResponse got = client.get(key);
        StatusResponse status = client.status();

        assertNotEquals(0, got.getHeader().getClusterId());
        assertEquals(status.getHeader().getMemberId(), got.getHeader().getMemberId());
        assertEquals(status.getLeader(), got.getHeader().getMemberId());
        assertEquals(status.getRaftTerm(), got.getHeader().getRaftTerm());
        assertTrue(got.getHeader().getRevision() >= 1);
    }

    @Test
    void aReadAtAnOldRevisionHasTheNewestRevisionInItsHeader() {
        long first = client.put(key, "1").getHeader().getRevision();
        long second = client.put(key, "2").getHeader().getRevision();

        RangeResponse old = client.kv()
                .range(RangeRequest.newBuilder()
                        .setKey(utf8(key))
                        .setRevision(first)
                        .build());

        assertEquals("1", old.getKvs(0).getValue().toStringUtf8());
        assertEquals(second, old.getHeader().getRevision());
    }

    @Test
    void aDeletionThatFindsNothingDoesNotRaiseTheRevision() {
        long before = client.get(key).getHeader().getRevision();

        DeleteRangeResponse deleted = client.kv()
                .deleteRange(DeleteRangeRequest.newBuilder().setKey(utf8(key)).build());

        assertEquals(0, deleted.getDeleted());
        assertEquals(before, deleted.getHeader().getRevision());
    }

    @Test
    void aTransactionCreatesAKeyOnce() {
        TxnRequest create = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(utf8(key))
                        .setTarget(Compare.CompareTarget.CREATE)
                        .setResult(Compare.CompareResult.EQUAL)
                        .setCreateRevision(0))
                .addSuccess(put(key, "mine"))
                .addFailure(range(key))
                .build();

        TxnResponse first = client.kv().txn(create);
        TxnResponse second = client.kv().txn(create);

        assertTrue(first.getSucceeded());
        assertTrue(!second.getSucceeded());
        assertEquals(
                "mine",
                second.getResponses(0).getResponseRange().getKvs(0).getValue().toStringUtf8());
        assertEquals(first.getHeader().getRevision(), second.getHeader().getRevision());
    }

    @Test
    void aTransactionThatOnlyReadsGoesTheWayOfReads() {
        client.put(key, "x");
        long before = client.status().getRaftIndex();

        TxnResponse read =
                client.kv().txn(TxnRequest.newBuilder().addSuccess(range(key)).build());

        assertEquals(1, read.getResponses(0).getResponseRange().getCount());
        assertEquals(before, client.status().getRaftIndex());
    }

    @Test
    void aTransactionThatFailsInItsSecondOperationHasDoneNothing() {
        long before = client.put(key, "before").getHeader().getRevision();

        refused(
                Status.Code.OUT_OF_RANGE,
                "etcdserver: mvcc: required revision is a future revision",
                () -> client.kv()
                        .txn(TxnRequest.newBuilder()
                                .addSuccess(put(key, "after"))
                                .addSuccess(RequestOp.newBuilder()
                                        .setRequestRange(RangeRequest.newBuilder()
                                                .setKey(utf8(key))
                                                .setRevision(before + 100)))
                                .build()));

        assertEquals("before", client.value(key));
        assertEquals(before, client.get(key).getHeader().getRevision());
    }

    @Test
    void aCompactionForgetsWhatWasBefore() {
        long first = client.put(key, "1").getHeader().getRevision();
        long second = client.put(key, "2").getHeader().getRevision();

        client.kv()
                .compact(CompactionRequest.newBuilder()
                        .setRevision(second)
                        .setPhysical(true)
                        .build());

        RangeRequest old =
                RangeRequest.newBuilder().setKey(utf8(key)).setRevision(first).build();
        refused(
                Status.Code.OUT_OF_RANGE,
                "etcdserver: mvcc: required revision has been compacted",
                () -> client.kv().range(old));
        assertEquals("2", client.value(key));
        refused(
                Status.Code.OUT_OF_RANGE,
                "etcdserver: mvcc: required revision has been compacted",
                () -> client.kv()
                        .compact(CompactionRequest.newBuilder()
                                .setRevision(second)
                                .build()));
    }

    @Test
    void badRequestsAreRefusedWithTheProtocolsWords() {
        Status.Code invalid = Status.Code.INVALID_ARGUMENT;
        refused(invalid, "etcdserver: key is not provided", () -> client.put("", "x"));
        refused(invalid, "etcdserver: key is not provided", () -> client.get(""));
        refused(
                invalid,
                "etcdserver: key not found",
                () -> client.kv()
                        .put(PutRequest.newBuilder()
                                .setKey(utf8(key))
                                .setIgnoreValue(true)
                                .build()));
        refused(
                invalid,
                "etcdserver: value is provided",
                () -> client.kv()
                        .put(PutRequest.newBuilder()
                                .setKey(utf8(key))
                                .setValue(utf8("x"))
                                .setIgnoreValue(true)
                                .build()));
        refused(
                invalid,
                "etcdserver: lease is provided",
                () -> client.kv()
                        .put(PutRequest.newBuilder()
                                .setKey(utf8(key))
                                .setLease(5)
                                .setIgnoreLease(true)
                                .build()));
        refused(
                Status.Code.NOT_FOUND,
                "etcdserver: requested lease not found",
                () -> client.kv()
                        .put(PutRequest.newBuilder()
                                .setKey(utf8(key))
                                .setLease(5)
                                .build()));
        refused(
                invalid,
                "etcdserver: duplicate key given in txn request",
                () -> client.kv()
                        .txn(TxnRequest.newBuilder()
                                .addSuccess(put(key, "1"))
                                .addSuccess(put(key, "2"))
                                .build()));
        refused(
                invalid,
                "etcdserver: invalid sort option",
                () -> client.kv()
                        .range(RangeRequest.newBuilder()
                                .setKey(utf8(key))
                                .setSortOrderValue(9)
                                .build()));
        refused(
                Status.Code.OUT_OF_RANGE,
                "etcdserver: mvcc: required revision is a future revision",
                () -> client.kv()
                        .range(RangeRequest.newBuilder()
                                .setKey(utf8(key))
                                .setRevision(1_000_000)
                                .build()));
    }

    @Test
    void tooLargeAndTooManyAreRefused() {
        refused(
                Status.Code.INVALID_ARGUMENT,
                "etcdserver: request is too large",
                () -> client.put(key, "x".repeat(1_600_000)));
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int i = 0; i < 129; i++) {
            txn.addSuccess(put(key + i, "x"));
        }
        refused(
                Status.Code.INVALID_ARGUMENT,
                "etcdserver: too many operations in txn request",
                () -> client.kv().txn(txn.build()));
        StatusRuntimeException tooLong =
                assertThrows(StatusRuntimeException.class, () -> client.put(key, "x".repeat(3_000_000)));
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, tooLong.getStatus().getCode());
        assertEquals(0, client.get(key).getCount());
    }

    @Test
    void theMemberTellsItsNameAndAddresses() {
        List<Member> members = new ArrayList<>();
        TestCluster.await("a member that has published itself", () -> {
            members.clear();
            members.addAll(client.cluster()
                    .memberList(
                            MemberListRequest.newBuilder().setLinearizable(true).build())
                    .getMembersList());
            return members.get(0).getClientURLsCount() == 1;
        });
        Member member = members.get(0);

        assertEquals("n1", member.getName());
        assertEquals(client.status().getHeader().getMemberId(), member.getID());
        assertEquals("http://127.0.0.1:" + cluster.server("n1").clientPort(), member.getClientURLs(0));
        assertTrue(member.getPeerURLs(0).startsWith("http://127.0.0.1:"));
    }

    @Test
    void statusTellsVersionSizesAndIndexes() {
        client.put(key, "x");
        StatusResponse status = client.status();

        assertEquals("3.6.5", status.getVersion());
        assertTrue(status.getDbSize() > 0);
        assertTrue(status.getRaftAppliedIndex() > 0);
        assertTrue(status.getRaftIndex() >= status.getRaftAppliedIndex());
        assertEquals(List.of(), status.getErrorsList());
    }

    private static RequestOp put(String key, String value) {
        return RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(utf8(key)).setValue(utf8(value)))
                .build();
    }

    private static RequestOp range(String key) {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(utf8(key)))
                .build();
    }

    private static void refused(Status.Code code, String text, Executable call) {
        StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, call);
        assertEquals(text, refused.getStatus().getDescription());
        assertEquals(code, refused.getStatus().getCode());
        Metadata trailers = Status.trailersFromThrowable(refused);
        assertEquals("definite", trailers == null ? "no trailers" : trailers.get(OUTCOME));
    }
}
