package dev.quorate.jepsen.client;

import com.google.protobuf.ByteString;
import dev.quorate.jepsen.history.Seen;
import dev.quorate.jepsen.history.Step;
import dev.quorate.jepsen.workload.Request;
import dev.quorate.kv.api.Compare;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.DeleteRangeResponse;
import dev.quorate.kv.api.KVGrpc.KVBlockingStub;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.PutResponse;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeResponse;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.ResponseOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.api.TxnResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns requests into calls of the protocol, and answers into what was seen. */
final class KvCalls {

    /** The steps with what was seen, and the revision of the answer's header. */
    record Answer(List<Step> steps, long revision) {}

    private KvCalls() {}

    /** @param serializable reads are answered by the asked node alone, and may be old */
    static Answer execute(KVBlockingStub kv, Request request, boolean serializable) {
        if (request.steps().size() > 1) {
            return several(kv, request, serializable);
        }
        Step step = request.first();
        if (step instanceof Step.Read read) {
            RangeResponse answer = kv.range(range(read.key(), serializable));
            return answer(
                    new Step.Read(read.key(), Wire.seen(answer.getKvsList())),
                    answer.getHeader().getRevision());
        } else if (step instanceof Step.Put put) {
            PutResponse answer = kv.put(put(put, request.askPrevious()));
            Step answered = new Step.Put(put.key(), put.value(), previous(request, answer));
            return answer(answered, answer.getHeader().getRevision());
        } else if (step instanceof Step.Delete delete) {
            DeleteRangeResponse answer = kv.deleteRange(DeleteRangeRequest.newBuilder()
                    .setKey(Wire.key(delete.key()))
                    .setPrevKv(true)
                    .build());
            Step answered = new Step.Delete(delete.key(), Wire.seen(answer.getPrevKvsList()));
            return answer(answered, answer.getHeader().getRevision());
        } else {
            return cas(kv, (Step.Cas) step, request.expectedRevision());
        }
    }

    private static Answer answer(Step step, long revision) {
        return new Answer(List.of(step), revision);
    }

    private static Answer cas(KVBlockingStub kv, Step.Cas cas, long expectedRevision) {
        TxnResponse answer = kv.txn(TxnRequest.newBuilder()
                .addCompare(comparison(cas, expectedRevision))
                .addSuccess(op(put(new Step.Put(cas.key(), cas.value(), null), false)))
                .addFailure(op(range(cas.key(), false)))
                .build());
        boolean applied = answer.getSucceeded();
        Seen seen = applied
                ? null
                : Wire.seen(answer.getResponses(0).getResponseRange().getKvsList());
        return answer(
                new Step.Cas(cas.key(), cas.expected(), cas.value(), applied, seen),
                answer.getHeader().getRevision());
    }

    private static Compare comparison(Step.Cas cas, long expectedRevision) {
        Compare.Builder compare =
                Compare.newBuilder().setKey(Wire.key(cas.key())).setResult(Compare.CompareResult.EQUAL);
        if (cas.expected() == null) {
            return compare.setTarget(Compare.CompareTarget.CREATE)
                    .setCreateRevision(0)
                    .build();
        } else if (expectedRevision > 0) {
            return compare.setTarget(Compare.CompareTarget.MOD)
                    .setModRevision(expectedRevision)
                    .build();
        } else {
            return compare.setTarget(Compare.CompareTarget.VALUE)
                    .setValue(Wire.value(cas.expected()))
                    .build();
        }
    }

    private static Answer several(KVBlockingStub kv, Request request, boolean serializable) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (Step step : request.steps()) {
            txn.addSuccess(
                    step instanceof Step.Put put
                            ? op(put(put, request.askPrevious()))
                            : op(range(step.key(), serializable)));
        }
        TxnResponse answer = kv.txn(txn.build());
        List<Step> answered = new ArrayList<>();
        for (int i = 0; i < request.steps().size(); i++) {
            Step step = request.steps().get(i);
            ResponseOp response = answer.getResponses(i);
            answered.add(
                    step instanceof Step.Put put
                            ? new Step.Put(put.key(), put.value(), previous(request, response.getResponsePut()))
                            : new Step.Read(
                                    step.key(),
                                    Wire.seen(response.getResponseRange().getKvsList())));
        }
        return new Answer(answered, answer.getHeader().getRevision());
    }

    private static @Nullable Seen previous(Request request, PutResponse answer) {
        if (!request.askPrevious()) {
            return null;
        }
        return answer.hasPrevKv() ? Wire.seen(answer.getPrevKv()) : Seen.ABSENT;
    }

    private static RangeRequest range(String key, boolean serializable) {
        return RangeRequest.newBuilder()
                .setKey(Wire.key(key))
                .setSerializable(serializable)
                .build();
    }

    private static PutRequest put(Step.Put put, boolean askPrevious) {
        ByteString value = Wire.value(put.value());
        return PutRequest.newBuilder()
                .setKey(Wire.key(put.key()))
                .setValue(value)
                .setPrevKv(askPrevious)
                .build();
    }

    private static RequestOp op(RangeRequest range) {
        return RequestOp.newBuilder().setRequestRange(range).build();
    }

    private static RequestOp op(PutRequest put) {
        return RequestOp.newBuilder().setRequestPut(put).build();
    }
}
