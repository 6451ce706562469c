package dev.quorate.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.Compare;
import dev.quorate.kv.api.Compare.CompareResult;
import dev.quorate.kv.api.Compare.CompareTarget;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.api.TxnResponse;
import io.grpc.Status.Code;
import java.util.List;
import org.junit.jupiter.api.Test;

/** KV.Txn. */
@ConformanceChecks
final class TxnChecksTest extends Checks {

    private static final int MOST_OPERATIONS = 128;

    TxnChecksTest(Server server) {
        super(server);
    }

    private TxnResponse txn(TxnRequest.Builder request) {
        return cluster().kv().txn(request.build());
    }

    private boolean holds(Compare.Builder guard) {
        return txn(TxnRequest.newBuilder().addCompare(guard)).getSucceeded();
    }

    private Compare.Builder guard(String key, CompareResult result, CompareTarget target) {
        return Compare.newBuilder().setKey(key(key)).setResult(result).setTarget(target);
    }

    private RequestOp putOp(String key, String value) {
        return RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(key(key)).setValue(bytes(value)))
                .build();
    }

    private RequestOp getOp(String key) {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(key(key)))
                .build();
    }

    private RequestOp deleteOp(String key) {
        return RequestOp.newBuilder()
                .setRequestDeleteRange(
                        DeleteRangeRequest.newBuilder().setKey(key(key)).setRangeEnd(end(key(key))))
                .build();
    }

    private static RequestOp nested(TxnRequest.Builder txn) {
        return RequestOp.newBuilder().setRequestTxn(txn).build();
    }

    @Test
    void guardsCompareEveryFieldOfAPair() {
        long create = put(key("k"), "b").getHeader().getRevision();
        long mod = put(key("k"), "b").getHeader().getRevision();

        assertTrue(holds(guard("k", CompareResult.EQUAL, CompareTarget.VERSION).setVersion(2)));
        assertTrue(
                holds(guard("k", CompareResult.GREATER, CompareTarget.VERSION).setVersion(1)));
        assertFalse(holds(guard("k", CompareResult.LESS, CompareTarget.VERSION).setVersion(2)));
        assertTrue(
                holds(guard("k", CompareResult.NOT_EQUAL, CompareTarget.VERSION).setVersion(1)));
        assertTrue(holds(guard("k", CompareResult.EQUAL, CompareTarget.CREATE).setCreateRevision(create)));
        assertTrue(holds(guard("k", CompareResult.EQUAL, CompareTarget.MOD).setModRevision(mod)));
        assertTrue(holds(guard("k", CompareResult.GREATER, CompareTarget.VALUE).setValue(bytes("a"))));
        assertTrue(holds(guard("k", CompareResult.EQUAL, CompareTarget.LEASE).setLease(0)));
    }

    @Test
    void aKeyThatIsNotThereIsAllZeroButHasNoValue() {
        assertTrue(holds(
                guard("absent", CompareResult.EQUAL, CompareTarget.VERSION).setVersion(0)));
        assertTrue(
                holds(guard("absent", CompareResult.EQUAL, CompareTarget.CREATE).setCreateRevision(0)));
        assertFalse(
                holds(guard("absent", CompareResult.EQUAL, CompareTarget.VALUE).setValue(ByteString.EMPTY)));
        assertFalse(holds(
                guard("absent", CompareResult.NOT_EQUAL, CompareTarget.VALUE).setValue(bytes("x"))));
    }

    @Test
    void aGuardOverARangeMustHoldForAllKeys() {
        put(key("r0"), "1");
        put(key("r1"), "1");
        put(key("r1"), "2");
        Compare.Builder newKeys =
                guard("r", CompareResult.LESS, CompareTarget.VERSION).setRangeEnd(end(key("r")));

        assertTrue(holds(newKeys.setVersion(3)));
        assertFalse(holds(newKeys.setVersion(2)));
    }

    @Test
    void withoutGuardsItSucceedsAndWithoutOperationsItDoesNothing() {
        long before = put(key("k"), "1").getHeader().getRevision();

        TxnResponse nothing = txn(TxnRequest.newBuilder());

        assertTrue(nothing.getSucceeded());
        assertEquals(before, nothing.getHeader().getRevision());
    }

    @Test
    void operationsRunInOrderInOneRevisionAndSeeEachOther() {
        long before = put(key("a"), "0").getHeader().getRevision();

        TxnResponse response = txn(TxnRequest.newBuilder()
                .addSuccess(getOp("a"))
                .addSuccess(putOp("a", "1"))
                .addSuccess(getOp("a"))
                .addSuccess(putOp("b", "1")));

        assertEquals(before + 1, response.getHeader().getRevision());
        assertEquals(
                List.of("0"), values(response.getResponses(0).getResponseRange().getKvsList()));
        assertEquals(
                List.of("1"), values(response.getResponses(2).getResponseRange().getKvsList()));
        assertEquals(before + 1, get(key("a")).getKvs(0).getModRevision());
        assertEquals(before + 1, get(key("b")).getKvs(0).getModRevision());
        assertEquals(
                before + 1,
                response.getResponses(3).getResponsePut().getHeader().getRevision());
    }

    @Test
    void theOtherBranchIsTakenWhenAGuardFails() {
        TxnResponse response = txn(TxnRequest.newBuilder()
                .addCompare(
                        guard("k", CompareResult.GREATER, CompareTarget.VERSION).setVersion(0))
                .addSuccess(putOp("k", "success"))
                .addFailure(putOp("k", "failure")));

        assertFalse(response.getSucceeded());
        assertEquals(List.of("failure"), values(get(key("k")).getKvsList()));
    }

    @Test
    void aTransactionThatOnlyReadsLeavesTheRevision() {
        long before = put(key("k"), "1").getHeader().getRevision();

        TxnResponse read = txn(TxnRequest.newBuilder().addSuccess(getOp("k")));

        assertEquals(before, read.getHeader().getRevision());
        assertEquals(
                List.of("1"), values(read.getResponses(0).getResponseRange().getKvsList()));
    }

    @Test
    void tooManyOperationsAreRefusedInAnyPart() {
        TxnRequest.Builder most = TxnRequest.newBuilder();
        for (int i = 0; i < MOST_OPERATIONS; i++) {
            most.addSuccess(putOp("many" + i, "1"));
        }

        assertEquals(MOST_OPERATIONS, txn(most).getResponsesCount());
        assertRefused(
                Code.INVALID_ARGUMENT,
                "etcdserver: too many operations in txn request",
                () -> txn(most.addSuccess(putOp("one more", "1"))));
    }

    @Test
    void aKeyWrittenTwiceIsRefusedAlsoWhereItIsNotTaken() {
        String text = "etcdserver: duplicate key given in txn request";

        assertRefused(
                Code.INVALID_ARGUMENT,
                text,
                () -> txn(TxnRequest.newBuilder().addSuccess(putOp("k", "1")).addSuccess(putOp("k", "2"))));
        assertRefused(
                Code.INVALID_ARGUMENT,
                text,
                () -> txn(TxnRequest.newBuilder().addFailure(putOp("kk", "1")).addFailure(deleteOp("k"))));
        assertRefused(
                Code.INVALID_ARGUMENT,
                text,
                () -> txn(TxnRequest.newBuilder()
                        .addSuccess(putOp("k", "1"))
                        .addSuccess(nested(TxnRequest.newBuilder().addSuccess(putOp("k", "2"))))));
        assertTrue(txn(TxnRequest.newBuilder()
                        .addSuccess(nested(TxnRequest.newBuilder()
                                .addSuccess(putOp("n", "1"))
                                .addFailure(putOp("n", "2"))))
                        .addFailure(putOp("n", "3")))
                .getSucceeded());
    }

    @Test
    void anEmptyKeyInAGuardOrAnOperationIsRefused() {
        String text = "etcdserver: key is not provided";

        assertRefused(
                Code.INVALID_ARGUMENT,
                text,
                () -> txn(
                        TxnRequest.newBuilder().addCompare(Compare.newBuilder().setTarget(CompareTarget.VERSION))));
        assertRefused(
                Code.INVALID_ARGUMENT,
                text,
                () -> txn(TxnRequest.newBuilder()
                        .addSuccess(RequestOp.newBuilder().setRequestPut(PutRequest.getDefaultInstance()))));
    }

    @Test
    void nestedGuardsSeeTheStateBeforeTheTransaction() {
        TxnResponse response = txn(TxnRequest.newBuilder()
                .addSuccess(putOp("k", "outer"))
                .addSuccess(nested(TxnRequest.newBuilder()
                        .addCompare(guard("k", CompareResult.EQUAL, CompareTarget.VERSION)
                                .setVersion(0))
                        .addSuccess(putOp("inner", "as before"))
                        .addFailure(putOp("inner", "in between")))));

        assertTrue(response.getResponses(1).getResponseTxn().getSucceeded());
        assertEquals(List.of("as before"), values(get(key("inner")).getKvsList()));
    }

    /** etcd before 3.7 applies such a transaction on its followers, and the members differ for good. */
    @Test
    @Since("3.6")
    void aTransactionThatFailsInTheBranchTakenIsAppliedOnNoMember() {
        long before = put(key("k"), "1").getHeader().getRevision();
        RequestOp future = RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(key("k")).setRevision(before + 1_000_000))
                .build();

        assertRefused(
                Code.OUT_OF_RANGE,
                "etcdserver: mvcc: required revision is a future revision",
                () -> txn(TxnRequest.newBuilder().addSuccess(putOp("k", "2")).addSuccess(future)));

        for (int node = 0; node < Cluster.NODES; node++) {
            var read = cluster()
                    .kv(node)
                    .range(RangeRequest.newBuilder().setKey(key("k")).build());
            assertEquals(List.of("1"), values(read.getKvsList()));
            assertEquals(before, read.getHeader().getRevision());
        }
    }
}
