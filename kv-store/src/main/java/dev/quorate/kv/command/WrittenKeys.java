package dev.quorate.kv.command;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The keys that a list of operations may write. A transaction writes a key at the most once: two puts of one key, or a put of
 * a key that another operation deletes, are refused, through all levels of nesting. Two deletions of one key are fine, and
 * so are two writes of which only one can happen, because they stand in the two branches of a nested transaction.
 *
 * <p>A request has room for hundreds of thousands of nested operations, and this runs on the event loop: no step may compare
 * every operation with every other.
 */
final class WrittenKeys {

    private final Set<ByteString> puts = new HashSet<>();
    private final KeyIntervals deletes = new KeyIntervals();

    private WrittenKeys() {}

    static WrittenKeys of(List<RequestOp> operations) throws KvException {
        WrittenKeys keys = new WrittenKeys();
        for (RequestOp operation : operations) {
            if (operation.hasRequestDeleteRange()) {
                DeleteRangeRequest delete = operation.getRequestDeleteRange();
                keys.deletes.addRange(delete.getKey(), delete.getRangeEnd());
            }
        }
        for (RequestOp operation : operations) {
            if (operation.hasRequestPut()) {
                keys.put(operation.getRequestPut().getKey());
            }
        }
        for (RequestOp operation : operations) {
            if (operation.hasRequestTxn()) {
                keys.nested(operation.getRequestTxn());
            }
        }
        return keys;
    }

    private void put(ByteString key) throws KvException {
        if (!puts.add(key) || deletes.contains(key)) {
            throw new KvException(KvError.DUPLICATE_KEY);
        }
    }

    /** Compares the two branches with what is beside them, and not with each other. */
    private void nested(TxnRequest txn) throws KvException {
        WrittenKeys success = of(txn.getSuccessList());
        WrittenKeys failure = of(txn.getFailureList());
        KeyIntervals deletesBelow = new KeyIntervals();
        deletesBelow.addAll(success.deletes);
        deletesBelow.addAll(failure.deletes);
        for (ByteString key : puts) {
            if (deletesBelow.contains(key)) {
                throw new KvException(KvError.DUPLICATE_KEY);
            }
        }
        Set<ByteString> putsBelow = success.puts;
        putsBelow.addAll(failure.puts);
        for (ByteString key : putsBelow) {
            put(key);
        }
        deletes.addAll(deletesBelow);
    }
}
