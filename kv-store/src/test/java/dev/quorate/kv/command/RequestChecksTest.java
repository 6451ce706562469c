package dev.quorate.kv.command;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.Compare;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** What is refused before it is proposed. */
final class RequestChecksTest {

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static RequestOp put(String key) {
        return RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(utf8(key)))
                .build();
    }

    private static RequestOp delete(String key, String end) {
        return RequestOp.newBuilder()
                .setRequestDeleteRange(
                        DeleteRangeRequest.newBuilder().setKey(utf8(key)).setRangeEnd(utf8(end)))
                .build();
    }

    private static RequestOp get(String key) {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(utf8(key)))
                .build();
    }

    private static RequestOp nested(List<RequestOp> success, List<RequestOp> failure) {
        return RequestOp.newBuilder()
                .setRequestTxn(TxnRequest.newBuilder().addAllSuccess(success).addAllFailure(failure))
                .build();
    }

    private static TxnRequest txn(RequestOp... success) {
        return TxnRequest.newBuilder().addAllSuccess(List.of(success)).build();
    }

    private static void refused(KvError error, TxnRequest txn) {
        assertEquals(
                error,
                assertThrows(KvException.class, () -> RequestChecks.txn(txn)).error());
    }

    private static void allowed(TxnRequest txn) {
        assertDoesNotThrow(() -> RequestChecks.txn(txn));
    }

    @Test
    void aKeyIsPutOnce() {
        refused(KvError.DUPLICATE_KEY, txn(put("a"), put("a")));
        refused(KvError.DUPLICATE_KEY, txn(put("a"), nested(List.of(put("a")), List.of())));
        refused(KvError.DUPLICATE_KEY, txn(nested(List.of(), List.of(put("a"))), put("a")));
        refused(KvError.DUPLICATE_KEY, txn(nested(List.of(put("a")), List.of()), nested(List.of(), List.of(put("a")))));
        allowed(txn(put("a"), put("b")));
        allowed(txn(put("a"), get("a")));
    }

    @Test
    void aKeyIsNotPutAndDeletedInEitherOrder() {
        refused(KvError.DUPLICATE_KEY, txn(put("a"), delete("a", "")));
        refused(KvError.DUPLICATE_KEY, txn(delete("a", ""), put("a")));
        refused(KvError.DUPLICATE_KEY, txn(delete("a", "c"), put("b")));
        refused(KvError.DUPLICATE_KEY, txn(put("b"), delete("a", "\0")));
        refused(KvError.DUPLICATE_KEY, txn(put("b"), nested(List.of(delete("a", "c")), List.of())));
        refused(KvError.DUPLICATE_KEY, txn(nested(List.of(delete("a", "c")), List.of()), put("b")));
        allowed(txn(delete("a", "c"), put("c")));
        allowed(txn(delete("a", ""), put("a\0")));
        allowed(txn(delete("c", "a"), put("b")));
    }

    @Test
    void deletionsMayOverlap() {
        allowed(txn(delete("a", "c"), delete("b", "d"), delete("a", "")));
    }

    @Test
    void theTwoBranchesOfANestedTransactionDoNotMeet() {
        allowed(txn(nested(List.of(put("a")), List.of(put("a")))));
        allowed(txn(nested(List.of(put("a")), List.of(delete("a", "")))));
    }

    @Test
    void bothBranchesAreChecked() {
        refused(
                KvError.DUPLICATE_KEY,
                TxnRequest.newBuilder()
                        .addFailure(put("a"))
                        .addFailure(put("a"))
                        .build());
        refused(KvError.EMPTY_KEY, TxnRequest.newBuilder().addFailure(get("")).build());
    }

    @Test
    void nestedTransactionsShareTheLimitOfOperations() {
        RequestOp two = nested(List.of(get("a"), get("b")), List.of());
        RequestOp three = nested(List.of(get("a"), get("b"), get("c")), List.of());
        TxnRequest.Builder outer = TxnRequest.newBuilder();
        for (int i = 0; i < 125; i++) {
            outer.addSuccess(get("k" + i));
        }
        allowed(outer.clone().addSuccess(two).build());
        refused(KvError.TOO_MANY_OPERATIONS, outer.clone().addSuccess(three).build());
        allowed(outer.clone()
                .addSuccess(get("x"))
                .addSuccess(get("y"))
                .addSuccess(get("z"))
                .build());
        refused(
                KvError.TOO_MANY_OPERATIONS,
                TxnRequest.newBuilder()
                        .addAllCompare(Collections.nCopies(
                                129, Compare.newBuilder().setKey(utf8("a")).build()))
                        .build());
    }

    @Test
    void emptyOperationsAndGuardsWithoutAKeyAreRefused() {
        refused(KvError.KEY_NOT_FOUND, txn(RequestOp.getDefaultInstance()));
        refused(
                KvError.EMPTY_KEY,
                TxnRequest.newBuilder().addCompare(Compare.getDefaultInstance()).build());
    }

    @Test
    void onlyRangesMakeATransactionReadOnly() {
        assertEquals(true, RequestChecks.isReadOnly(txn(get("a"), get("b"))));
        assertEquals(true, RequestChecks.isReadOnly(TxnRequest.getDefaultInstance()));
        assertEquals(false, RequestChecks.isReadOnly(txn(get("a"), put("b"))));
        assertEquals(false, RequestChecks.isReadOnly(txn(nested(List.of(get("a")), List.of()))));
        assertEquals(false, RequestChecks.isSerializable(txn(get("a"))));
    }

    @Test
    void manyNestedWritesAreCheckedQuickly() {
        TxnRequest.Builder outer = TxnRequest.newBuilder();
        for (int i = 0; i < 42; i++) {
            TxnRequest.Builder middle = TxnRequest.newBuilder();
            for (int j = 0; j < 42; j++) {
                TxnRequest.Builder inner = TxnRequest.newBuilder();
                for (int k = 0; k < 21; k++) {
                    String key = i + "." + j + "." + k;
                    inner.addSuccess(put(key)).addSuccess(delete(key + "x", key + "y"));
                }
                middle.addSuccess(RequestOp.newBuilder().setRequestTxn(inner));
            }
            outer.addSuccess(RequestOp.newBuilder().setRequestTxn(middle));
        }
        assertTimeout(Duration.ofSeconds(5), () -> allowed(outer.build()));
    }

    @Provide
    Arbitrary<List<DeleteRangeRequest>> ranges() {
        Arbitrary<String> keys = Arbitraries.of("a", "a\0", "b", "bb", "c", "d", "e");
        Arbitrary<String> ends = Arbitraries.of("", "\0", "a", "b", "bb", "c", "d", "e");
        return Combinators.combine(keys, ends)
                .as((key, end) -> DeleteRangeRequest.newBuilder()
                        .setKey(utf8(key))
                        .setRangeEnd(utf8(end))
                        .build())
                .list()
                .ofMaxSize(8);
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void intervalsHaveAKeyIfOneOfTheirRangesHasIt(@ForAll("ranges") List<DeleteRangeRequest> ranges) {
        KeyIntervals intervals = new KeyIntervals();
        ranges.forEach(range -> intervals.addRange(range.getKey(), range.getRangeEnd()));
        for (String key : List.of("\0", "a", "a\0", "a\0\0", "aa", "b", "b\0", "bb", "bc", "c", "cc", "d", "e", "f")) {
            boolean expected = ranges.stream()
                    .anyMatch(range -> NaiveStore.covers(range.getKey(), range.getRangeEnd(), utf8(key)));
            assertEquals(expected, intervals.contains(utf8(key)), key);
        }
    }
}
