package dev.quorate.kv.mvcc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.DeleteRangeResponse;
import dev.quorate.kv.api.KeyValue;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.PutResponse;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeResponse;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.ResponseHeader;
import dev.quorate.kv.api.ResponseOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.api.TxnResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs one transaction: first all guards, nested ones too, against the state before it; then the operations of the branches
 * taken, in order, each of which sees the ones before it.
 */
final class TxnRunner {

    private final View view;
    private final @Nullable WriteTxn writes;
    private final State before;
    private final boolean wantsResponses;
    private long bytesLeft;

    /**
     * A transaction whose guards are decided.
     *
     * @param nested for each operation of the branch taken that is a transaction, in order, its plan
     */
    private record Plan(boolean succeeded, List<RequestOp> operations, List<Plan> nested) {}

    private TxnRunner(
            View view, @Nullable WriteTxn writes, State before, long maxResponseBytes, boolean wantsResponses) {
        this.view = view;
        this.writes = writes;
        this.before = before;
        this.bytesLeft = maxResponseBytes;
        this.wantsResponses = wantsResponses;
    }

    /** A transaction without writes. */
    static TxnResponse read(TxnRequest request, View view, long maxResponseBytes) throws KvException {
        TxnRunner runner = new TxnRunner(view, null, view.state(), maxResponseBytes, true);
        return runner.execute(plan(request, view));
    }

    /**
     * A transaction that may write into {@code txn}, which the caller commits if this returns.
     *
     * @param wantsResponses if false, ranges are not read; whether they are allowed is checked all the same
     */
    static TxnResponse write(TxnRequest request, WriteTxn txn, boolean wantsResponses) throws KvException {
        // No limit for the response: whether the transaction happens must not depend on one member's memory.
        TxnRunner runner = new TxnRunner(txn, txn, txn.stateBefore(), Long.MAX_VALUE, wantsResponses);
        return runner.execute(plan(request, txn));
    }

    private static Plan plan(TxnRequest request, View view) {
        boolean succeeded = Guards.hold(request.getCompareList(), view);
        List<RequestOp> operations = succeeded ? request.getSuccessList() : request.getFailureList();
        List<Plan> nested = new ArrayList<>(0);
        for (RequestOp operation : operations) {
            if (operation.hasRequestTxn()) {
                nested.add(plan(operation.getRequestTxn(), view));
            }
        }
        return new Plan(succeeded, operations, nested);
    }

    private TxnResponse execute(Plan plan) throws KvException {
        TxnResponse.Builder response = TxnResponse.newBuilder().setSucceeded(plan.succeeded());
        int nested = 0;
        for (RequestOp operation : plan.operations()) {
            ResponseOp.Builder answer = ResponseOp.newBuilder();
            switch (operation.getRequestCase()) {
                case REQUEST_RANGE -> range(operation.getRequestRange(), answer);
                case REQUEST_PUT -> answer.setResponsePut(put(operation.getRequestPut()));
                case REQUEST_DELETE_RANGE -> answer.setResponseDeleteRange(delete(operation.getRequestDeleteRange()));
                case REQUEST_TXN -> answer.setResponseTxn(execute(plan.nested().get(nested++)));
                case REQUEST_NOT_SET -> throw new KvException(KvError.KEY_NOT_FOUND);
            }
            if (wantsResponses) {
                response.addResponses(answer);
            }
        }
        return response.setHeader(header(view.state().revision())).build();
    }

    private void range(RangeRequest request, ResponseOp.Builder answer) throws KvException {
        RangeQuery.revision(before, request); // a revision that this transaction makes is in the future for it
        if (!wantsResponses) {
            return;
        }
        RangeResult result = RangeQuery.run(view, request, bytesLeft);
        RangeResponse.Builder response = RangeResponse.newBuilder()
                .setHeader(header(result.revision()))
                .setCount(result.count())
                .setMore(result.more());
        for (byte[] pair : result.pairs()) {
            bytesLeft -= pair.length;
            response.addKvs(keyValue(pair));
        }
        answer.setResponseRange(response);
    }

    private PutResponse put(PutRequest request) throws KvException {
        ByteString value = request.getValue();
        Writer.PutOutcome outcome = writes().put(new Writer.Put(
                request.getKey().toByteArray(),
                value.toByteArray(),
                0,
                value.size(),
                request.getLease(),
                request.getIgnoreValue(),
                request.getIgnoreLease(),
                wantsResponses && request.getPrevKv()));
        PutResponse.Builder response = PutResponse.newBuilder().setHeader(header(outcome.revision()));
        byte[] previous = outcome.previous();
        if (previous != null) {
            response.setPrevKv(keyValue(previous));
        }
        return response.build();
    }

    private DeleteRangeResponse delete(DeleteRangeRequest request) {
        Writer.DeleteOutcome outcome = writes().delete(
                        KeyRange.of(request.getKey(), request.getRangeEnd()), wantsResponses && request.getPrevKv());
        DeleteRangeResponse.Builder response = DeleteRangeResponse.newBuilder()
                .setHeader(header(outcome.revision()))
                .setDeleted(outcome.deleted());
        outcome.previous().forEach(pair -> response.addPrevKvs(keyValue(pair)));
        return response.build();
    }

    private WriteTxn writes() {
        if (writes == null) {
            throw new IllegalStateException("a transaction with writes was given to the read path");
        }
        return writes;
    }

    private static ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder().setRevision(revision).build();
    }

    private static KeyValue keyValue(byte[] pair) {
        try {
            return KeyValue.parseFrom(UnsafeByteOperations.unsafeWrap(pair));
        } catch (InvalidProtocolBufferException e) {
            throw new StorageException("a stored pair is no mvccpb.KeyValue", e);
        }
    }
}
