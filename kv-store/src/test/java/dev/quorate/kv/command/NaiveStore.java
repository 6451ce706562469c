package dev.quorate.kv.command;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.Compare;
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
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * etcd's store as one would write it without a thought for speed: a copy of everything for each revision. The twin of the
 * real one.
 */
final class NaiveStore {

    private static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();

    private final Map<Long, SortedMap<ByteString, KeyValue>> history = new HashMap<>();
    private long revision = 1;
    private long compacted = -1;

    NaiveStore() {
        history.put(revision, new TreeMap<>(ORDER));
    }

    long revision() {
        return revision;
    }

    long compacted() {
        return compacted;
    }

    void compact(long at) throws KvException {
        if (at <= compacted) {
            throw new KvException(KvError.COMPACTED);
        }
        if (at > revision) {
            throw new KvException(KvError.FUTURE_REVISION);
        }
        compacted = at;
    }

    RangeResponse range(RangeRequest request) throws KvException {
        return range(request, now(), revision);
    }

    PutResponse put(PutRequest request) throws KvException {
        return txn(one(RequestOp.newBuilder().setRequestPut(request)))
                .getResponses(0)
                .getResponsePut();
    }

    DeleteRangeResponse delete(DeleteRangeRequest request) throws KvException {
        return txn(one(RequestOp.newBuilder().setRequestDeleteRange(request)))
                .getResponses(0)
                .getResponseDeleteRange();
    }

    private static TxnRequest one(RequestOp.Builder op) {
        return TxnRequest.newBuilder().addSuccess(op).build();
    }

    TxnResponse txn(TxnRequest request) throws KvException {
        SortedMap<ByteString, KeyValue> before = now();
        SortedMap<ByteString, KeyValue> working = new TreeMap<>(before);
        boolean[] changed = {false};
        TxnResponse response = run(request, before, working, changed);
        if (changed[0]) {
            revision++;
            history.put(revision, working);
        }
        return response;
    }

    private TxnResponse run(
            TxnRequest request,
            SortedMap<ByteString, KeyValue> before,
            SortedMap<ByteString, KeyValue> working,
            boolean[] changed)
            throws KvException {
        boolean succeeded = request.getCompareList().stream().allMatch(compare -> holds(compare, before));
        TxnResponse.Builder response = TxnResponse.newBuilder().setSucceeded(succeeded);
        for (RequestOp op : succeeded ? request.getSuccessList() : request.getFailureList()) {
            ResponseOp.Builder answer = ResponseOp.newBuilder();
            switch (op.getRequestCase()) {
                case REQUEST_RANGE -> {
                    if (op.getRequestRange().getRevision() > revision) {
                        throw new KvException(KvError.FUTURE_REVISION);
                    }
                    answer.setResponseRange(range(op.getRequestRange(), working, current(changed)));
                }
                case REQUEST_PUT -> answer.setResponsePut(put(op.getRequestPut(), working, changed));
                case REQUEST_DELETE_RANGE ->
                    answer.setResponseDeleteRange(delete(op.getRequestDeleteRange(), working, changed));
                case REQUEST_TXN -> answer.setResponseTxn(run(op.getRequestTxn(), before, working, changed));
                case REQUEST_NOT_SET -> throw new KvException(KvError.KEY_NOT_FOUND);
            }
            response.addResponses(answer);
        }
        return response.setHeader(header(current(changed))).build();
    }

    private long current(boolean[] changed) {
        return changed[0] ? revision + 1 : revision;
    }

    private PutResponse put(PutRequest put, SortedMap<ByteString, KeyValue> working, boolean[] changed)
            throws KvException {
        KeyValue previous = working.get(put.getKey());
        if (previous == null && (put.getIgnoreValue() || put.getIgnoreLease())) {
            throw new KvException(KvError.KEY_NOT_FOUND);
        }
        if (put.getLease() != 0) {
            throw new KvException(KvError.LEASE_NOT_FOUND);
        }
        working.put(
                put.getKey(),
                KeyValue.newBuilder()
                        .setKey(put.getKey())
                        .setCreateRevision(previous == null ? revision + 1 : previous.getCreateRevision())
                        .setModRevision(revision + 1)
                        .setVersion(previous == null ? 1 : previous.getVersion() + 1)
                        .setValue(put.getIgnoreValue() && previous != null ? previous.getValue() : put.getValue())
                        .build());
        changed[0] = true;
        PutResponse.Builder response = PutResponse.newBuilder().setHeader(header(revision + 1));
        if (put.getPrevKv() && previous != null) {
            response.setPrevKv(previous);
        }
        return response.build();
    }

    private DeleteRangeResponse delete(
            DeleteRangeRequest request, SortedMap<ByteString, KeyValue> working, boolean[] changed) {
        DeleteRangeResponse.Builder response = DeleteRangeResponse.newBuilder();
        for (KeyValue kv : new ArrayList<>(working.values())) {
            if (covers(request.getKey(), request.getRangeEnd(), kv.getKey())) {
                working.remove(kv.getKey());
                changed[0] = true;
                response.setDeleted(response.getDeleted() + 1);
                if (request.getPrevKv()) {
                    response.addPrevKvs(kv);
                }
            }
        }
        return response.setHeader(header(current(changed))).build();
    }

    private RangeResponse range(RangeRequest request, SortedMap<ByteString, KeyValue> now, long current)
            throws KvException {
        if (request.getRevision() > current) {
            throw new KvException(KvError.FUTURE_REVISION);
        }
        boolean isOld = request.getRevision() > 0;
        if (isOld && request.getRevision() < compacted) {
            throw new KvException(KvError.COMPACTED);
        }
        SortedMap<ByteString, KeyValue> state = isOld ? at(request.getRevision()) : now;
        List<KeyValue> all = new ArrayList<>();
        for (KeyValue kv : state.values()) {
            if (covers(request.getKey(), request.getRangeEnd(), kv.getKey())) {
                all.add(kv);
            }
        }
        RangeResponse.Builder response =
                RangeResponse.newBuilder().setHeader(header(current)).setCount(all.size());
        if (request.getCountOnly()) {
            return response.build();
        }
        List<KeyValue> matches = new ArrayList<>(all.stream()
                .filter(kv -> within(kv.getModRevision(), request.getMinModRevision(), request.getMaxModRevision()))
                .filter(kv ->
                        within(kv.getCreateRevision(), request.getMinCreateRevision(), request.getMaxCreateRevision()))
                .toList());
        Comparator<KeyValue> order = switch (request.getSortTarget()) {
            case VERSION -> Comparator.comparingLong(KeyValue::getVersion);
            case CREATE -> Comparator.comparingLong(KeyValue::getCreateRevision);
            case MOD -> Comparator.comparingLong(KeyValue::getModRevision);
            case VALUE -> Comparator.comparing(KeyValue::getValue, ORDER);
            default -> Comparator.comparing(KeyValue::getKey, ORDER);
        };
        matches.sort(request.getSortOrder() == RangeRequest.SortOrder.DESCEND ? order.reversed() : order);
        if (request.getLimit() > 0 && matches.size() > request.getLimit()) {
            matches = matches.subList(0, (int) request.getLimit());
            response.setMore(true);
        }
        for (KeyValue kv : matches) {
            response.addKvs(request.getKeysOnly() ? kv.toBuilder().clearValue().build() : kv);
        }
        return response.build();
    }

    private static boolean within(long value, long least, long most) {
        return (least == 0 || value >= least) && (most == 0 || value <= most);
    }

    private static boolean holds(Compare compare, SortedMap<ByteString, KeyValue> state) {
        List<KeyValue> subjects = state.values().stream()
                .filter(kv -> covers(compare.getKey(), compare.getRangeEnd(), kv.getKey()))
                .toList();
        if (subjects.isEmpty()) {
            return compare.getTarget() != Compare.CompareTarget.VALUE
                    && holdsFor(compare, KeyValue.getDefaultInstance());
        }
        return subjects.stream().allMatch(kv -> holdsFor(compare, kv));
    }

    private static boolean holdsFor(Compare compare, KeyValue kv) {
        int order = switch (compare.getTarget()) {
            case VALUE -> ORDER.compare(kv.getValue(), compare.getValue());
            case VERSION -> Long.compare(kv.getVersion(), compare.getVersion());
            case CREATE -> Long.compare(kv.getCreateRevision(), compare.getCreateRevision());
            case MOD -> Long.compare(kv.getModRevision(), compare.getModRevision());
            case LEASE -> Long.compare(kv.getLease(), compare.getLease());
            case UNRECOGNIZED -> 0;
        };
        return switch (compare.getResult()) {
            case EQUAL -> order == 0;
            case NOT_EQUAL -> order != 0;
            case GREATER -> order > 0;
            case LESS -> order < 0;
            case UNRECOGNIZED -> true;
        };
    }

    static boolean covers(ByteString key, ByteString end, ByteString candidate) {
        if (end.isEmpty()) {
            return key.equals(candidate);
        }
        boolean isOpen = end.equals(ByteString.copyFrom(new byte[1]));
        return ORDER.compare(candidate, key) >= 0 && (isOpen || ORDER.compare(candidate, end) < 0);
    }

    private SortedMap<ByteString, KeyValue> now() {
        return at(revision);
    }

    private SortedMap<ByteString, KeyValue> at(long asked) {
        return Objects.requireNonNull(history.get(asked), "a revision between the first and the newest");
    }

    private static ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder().setRevision(revision).build();
    }
}
