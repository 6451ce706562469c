package dev.quorate.kv.command;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.Compare;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.mvcc.KvException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Random actions on few keys, so that they meet. */
final class Actions {

    private static final ByteString OPEN_END = ByteString.copyFrom(new byte[1]);
    /** Keys that are prefixes of others, have zeros, and stand at the end of all keys. */
    private static final List<ByteString> KEYS = List.of(
            utf8("a"), utf8("a\0"), utf8("a\0\0"), utf8("ab"), utf8("b"), OPEN_END, ByteString.copyFrom(new byte[] {
                -1, -1
            }));

    private static final int NEWEST = 100;

    private Actions() {}

    static Arbitrary<List<Action>> lives() {
        return actions().list().ofMinSize(1).ofMaxSize(100);
    }

    private static Arbitrary<Action> actions() {
        return Arbitraries.frequencyOf(
                Tuple.of(12, puts().map(Action.Put::new)),
                Tuple.of(4, deletes().map(Action.Delete::new)),
                Tuple.of(6, txns(2).filter(Actions::isAllowed).map(Action.Txn::new)),
                Tuple.of(2, Arbitraries.integers().between(-1, 6).map(Action.Compact::new)),
                Tuple.of(10, Combinators.combine(ranges(), backs()).as(Action.Range::new)),
                Tuple.of(4, Arbitraries.just(new Action.EndBatch())),
                Tuple.of(1, Arbitraries.just(new Action.Flush())),
                Tuple.of(1, Arbitraries.just(new Action.Crash())),
                Tuple.of(1, Arbitraries.just(new Action.SnapshotAndRestore())),
                Tuple.of(2, Arbitraries.just(new Action.AwaitRemoval())));
    }

    private static boolean isAllowed(TxnRequest request) {
        try {
            RequestChecks.txn(request);
            return true;
        } catch (KvException e) {
            return false;
        }
    }

    private static Arbitrary<Integer> backs() {
        return Arbitraries.oneOf(
                Arbitraries.integers().between(-1, 12), Arbitraries.just(NEWEST), Arbitraries.just(NEWEST));
    }

    static boolean isNewest(int back) {
        return back == NEWEST;
    }

    private static Arbitrary<ByteString> keys() {
        return Arbitraries.of(KEYS);
    }

    private static Arbitrary<ByteString> ends() {
        return Arbitraries.oneOf(Arbitraries.just(ByteString.EMPTY), Arbitraries.just(OPEN_END), keys());
    }

    private static Arbitrary<ByteString> values() {
        return Arbitraries.of(ByteString.EMPTY, utf8("x"), utf8("y"), utf8("z".repeat(700)), utf8("w".repeat(6_000)));
    }

    private static Arbitrary<PutRequest> puts() {
        Arbitrary<Boolean> seldom = Arbitraries.integers().between(0, 9).map(n -> n == 0);
        return Combinators.combine(keys(), values(), seldom, seldom, Arbitraries.of(true, false), seldom)
                .as((key, value, ignoreValue, ignoreLease, prevKv, lease) -> PutRequest.newBuilder()
                        .setKey(key)
                        .setValue(ignoreValue ? ByteString.EMPTY : value)
                        .setIgnoreValue(ignoreValue)
                        .setIgnoreLease(ignoreLease)
                        .setPrevKv(prevKv)
                        .setLease(lease && !ignoreLease && !ignoreValue ? 7 : 0)
                        .build());
    }

    private static Arbitrary<DeleteRangeRequest> deletes() {
        return Combinators.combine(keys(), ends(), Arbitraries.of(true, false))
                .as((key, end, prevKv) -> DeleteRangeRequest.newBuilder()
                        .setKey(key)
                        .setRangeEnd(end)
                        .setPrevKv(prevKv)
                        .build());
    }

    private static Arbitrary<RangeRequest> ranges() {
        Arbitrary<RangeRequest.Builder> shapes = Combinators.combine(
                        keys(),
                        ends(),
                        Arbitraries.longs().between(0, 3),
                        Arbitraries.of(
                                RangeRequest.SortOrder.NONE,
                                RangeRequest.SortOrder.ASCEND,
                                RangeRequest.SortOrder.DESCEND),
                        Arbitraries.of(
                                RangeRequest.SortTarget.KEY,
                                RangeRequest.SortTarget.VERSION,
                                RangeRequest.SortTarget.CREATE,
                                RangeRequest.SortTarget.MOD,
                                RangeRequest.SortTarget.VALUE),
                        Arbitraries.of(0, 0, 0, 1, 2))
                .as((key, end, limit, order, target, only) -> RangeRequest.newBuilder()
                        .setKey(key)
                        .setRangeEnd(end)
                        .setLimit(limit)
                        .setSortOrder(order)
                        .setSortTarget(target)
                        .setKeysOnly(only == 1)
                        .setCountOnly(only == 2));
        Arbitrary<Long> bounds = Arbitraries.of(0L, 0L, 0L, 2L, 5L, 9L);
        return Combinators.combine(shapes, bounds, bounds, bounds, bounds)
                .as((shape, minMod, maxMod, minCreate, maxCreate) -> shape.clone()
                        .setMinModRevision(minMod)
                        .setMaxModRevision(maxMod)
                        .setMinCreateRevision(minCreate)
                        .setMaxCreateRevision(maxCreate)
                        .build());
    }

    private static Arbitrary<Compare> compares() {
        return Combinators.combine(
                        keys(),
                        ends(),
                        Arbitraries.of(
                                Compare.CompareTarget.VERSION,
                                Compare.CompareTarget.CREATE,
                                Compare.CompareTarget.MOD,
                                Compare.CompareTarget.VALUE,
                                Compare.CompareTarget.LEASE),
                        Arbitraries.of(
                                Compare.CompareResult.EQUAL,
                                Compare.CompareResult.GREATER,
                                Compare.CompareResult.LESS,
                                Compare.CompareResult.NOT_EQUAL),
                        Arbitraries.longs().between(0, 9),
                        values())
                .as((key, end, target, result, number, value) -> {
                    Compare.Builder compare = Compare.newBuilder()
                            .setKey(key)
                            .setRangeEnd(end)
                            .setTarget(target)
                            .setResult(result);
                    switch (target) {
                        case VERSION -> compare.setVersion(number);
                        case CREATE -> compare.setCreateRevision(number);
                        case MOD -> compare.setModRevision(number);
                        case VALUE -> compare.setValue(value);
                        default -> compare.setLease(number);
                    }
                    return compare.build();
                });
    }

    private static Arbitrary<RequestOp> operations(int depth) {
        Arbitrary<RequestOp> put =
                puts().map(r -> RequestOp.newBuilder().setRequestPut(r).build());
        Arbitrary<RequestOp> delete = deletes()
                .map(r -> RequestOp.newBuilder().setRequestDeleteRange(r).build());
        Arbitrary<RequestOp> range = Combinators.combine(ranges(), Arbitraries.of(0L, 0L, 1L, 5L, 8L, 40L))
                .as((r, revision) -> RequestOp.newBuilder()
                        .setRequestRange(r.toBuilder().setRevision(revision))
                        .build());
        if (depth == 0) {
            return Arbitraries.oneOf(put, delete, range);
        }
        return Arbitraries.oneOf(
                put,
                delete,
                range,
                txns(depth - 1).map(r -> RequestOp.newBuilder().setRequestTxn(r).build()));
    }

    private static Arbitrary<TxnRequest> txns(int depth) {
        return Combinators.combine(
                        compares().list().ofMaxSize(2),
                        operations(depth).list().ofMaxSize(3),
                        operations(depth).list().ofMaxSize(3))
                .as((compares, success, failure) -> TxnRequest.newBuilder()
                        .addAllCompare(compares)
                        .addAllSuccess(success)
                        .addAllFailure(failure)
                        .build());
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFrom(text, StandardCharsets.UTF_8);
    }
}
