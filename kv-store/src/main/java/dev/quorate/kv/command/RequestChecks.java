package dev.quorate.kv.command;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.Compare;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeRequest.SortOrder;
import dev.quorate.kv.api.RangeRequest.SortTarget;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import java.util.List;

/** What can be said about a request without looking at the state. What fails here is never proposed. */
public final class RequestChecks {

    /** The largest command; larger ones are refused (etcd's default). */
    public static final int MAX_REQUEST_BYTES = 3 << 19; // 1.5 MiB

    /** The most comparisons or operations in a list of a transaction; nested ones share it (etcd's default). */
    public static final int MAX_TXN_OPERATIONS = 128;

    private RequestChecks() {}

    public static void range(RangeRequest request) throws KvException {
        requireKey(request.getKey());
        if (request.getSortOrder() == SortOrder.UNRECOGNIZED || request.getSortTarget() == SortTarget.UNRECOGNIZED) {
            throw new KvException(KvError.INVALID_SORT_OPTION);
        }
    }

    public static void put(PutFields put) throws KvException {
        put(put.keyLength(), put.valueLength(), put.lease(), put.ignoreValue(), put.ignoreLease());
    }

    private static void put(PutRequest put) throws KvException {
        put(put.getKey().size(), put.getValue().size(), put.getLease(), put.getIgnoreValue(), put.getIgnoreLease());
    }

    private static void put(int keyLength, int valueLength, long lease, boolean ignoreValue, boolean ignoreLease)
            throws KvException {
        if (keyLength == 0) {
            throw new KvException(KvError.EMPTY_KEY);
        }
        if (ignoreValue && valueLength != 0) {
            throw new KvException(KvError.VALUE_PROVIDED);
        }
        if (ignoreLease && lease != 0) {
            throw new KvException(KvError.LEASE_PROVIDED);
        }
    }

    public static void deleteRange(DeleteRangeRequest request) throws KvException {
        requireKey(request.getKey());
    }

    public static void txn(TxnRequest request) throws KvException {
        txn(request, MAX_TXN_OPERATIONS);
        WrittenKeys.of(request.getSuccessList());
        WrittenKeys.of(request.getFailureList());
    }

    /** @param operationsLeft what the transactions around this one have left */
    private static void txn(TxnRequest request, int operationsLeft) throws KvException {
        int operations =
                Math.max(request.getCompareCount(), Math.max(request.getSuccessCount(), request.getFailureCount()));
        if (operations > operationsLeft) {
            throw new KvException(KvError.TOO_MANY_OPERATIONS);
        }
        for (Compare compare : request.getCompareList()) {
            requireKey(compare.getKey());
        }
        operations(request.getSuccessList(), operationsLeft - operations);
        operations(request.getFailureList(), operationsLeft - operations);
    }

    private static void operations(List<RequestOp> operations, int operationsLeft) throws KvException {
        for (RequestOp operation : operations) {
            switch (operation.getRequestCase()) {
                case REQUEST_RANGE -> range(operation.getRequestRange());
                case REQUEST_PUT -> put(operation.getRequestPut());
                case REQUEST_DELETE_RANGE -> deleteRange(operation.getRequestDeleteRange());
                case REQUEST_TXN -> txn(operation.getRequestTxn(), operationsLeft);
                case REQUEST_NOT_SET -> throw new KvException(KvError.KEY_NOT_FOUND); // etcd's answer, odd as it is
            }
        }
    }

    public static void size(int commandBytes) throws KvException {
        if (commandBytes > MAX_REQUEST_BYTES) {
            throw new KvException(KvError.REQUEST_TOO_LARGE);
        }
    }

    /** Whether no branch of a transaction writes. One with nested transactions counts as writing, as in etcd. */
    public static boolean isReadOnly(TxnRequest request) {
        return request.getSuccessList().stream().allMatch(RequestOp::hasRequestRange)
                && request.getFailureList().stream().allMatch(RequestOp::hasRequestRange);
    }

    /** Whether a transaction that only reads is content with what this member has. */
    public static boolean isSerializable(TxnRequest request) {
        return request.getSuccessList().stream()
                        .allMatch(op -> op.getRequestRange().getSerializable())
                && request.getFailureList().stream()
                        .allMatch(op -> op.getRequestRange().getSerializable());
    }

    private static void requireKey(ByteString key) throws KvException {
        if (key.isEmpty()) {
            throw new KvException(KvError.EMPTY_KEY);
        }
    }
}
