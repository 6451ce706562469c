package dev.quorate.kv.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.quorate.kv.api.CampaignRequest;
import dev.quorate.kv.api.CampaignResponse;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.ElectionGrpc;
import dev.quorate.kv.api.LeaderKey;
import dev.quorate.kv.api.LeaderRequest;
import dev.quorate.kv.api.LeaderResponse;
import dev.quorate.kv.api.ProclaimRequest;
import dev.quorate.kv.api.ProclaimResponse;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeRequest.SortOrder;
import dev.quorate.kv.api.RangeRequest.SortTarget;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.ResignRequest;
import dev.quorate.kv.api.ResignResponse;
import dev.quorate.kv.api.ResponseHeader;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.api.TxnResponse;
import dev.quorate.kv.auth.Caller;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.RangeResult;
import dev.quorate.kv.rpc.KeyQueue.Place;
import dev.quorate.kv.watch.WatchHub;
import io.grpc.ServerServiceDefinition;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/** etcd's Election: whoever is first in the queue of a name leads, and the value of his key is what he proclaims. */
final class ElectionService {

    private final Replicator replicator;
    private final KeyQueue queue;
    private final MvccStore store;
    private final Access access;
    private final ReadBatcher reads;
    private final Headers headers;
    private final WatchHub hub;

    ElectionService(
            Replicator replicator,
            KeyQueue queue,
            MvccStore store,
            Access access,
            ReadBatcher reads,
            Headers headers,
            WatchHub hub) {
        this.replicator = replicator;
        this.queue = queue;
        this.store = store;
        this.access = access;
        this.reads = reads;
        this.headers = headers;
        this.hub = hub;
    }

    ServerServiceDefinition definition() {
        return new ServiceBuilder(ElectionGrpc.SERVICE_NAME, replicator)
                .method(ElectionGrpc.getCampaignMethod(), this::campaign)
                .method(ElectionGrpc.getProclaimMethod(), this::proclaim)
                .method(ElectionGrpc.getLeaderMethod(), this::leader)
                .method(ElectionGrpc.getResignMethod(), this::resign)
                .freeStream(
                        ElectionGrpc.getObserveMethod(),
                        (call, metadata) -> new ElectionObserver(hub, store, access, headers, call).begin())
                .build();
    }

    private void campaign(byte[] bytes, Answer<byte[]> answer) throws KvException {
        CampaignRequest request = Marshallers.request(CampaignRequest.parser(), bytes);
        CompletableFuture<Place> entered = queue.enter(
                        answer.caller(), request.getName(), request.getLease(), request.getValue())
                .thenCompose(place -> withValue(place, request.getValue()));
        Waiting.forTurn(
                queue,
                entered,
                answer,
                place -> CampaignResponse.newBuilder()
                        .setHeader(headers.message(store.state().revision()))
                        .setLeader(LeaderKey.newBuilder()
                                .setName(place.name())
                                .setKey(place.key())
                                .setRev(place.createRevision())
                                .setLease(place.lease()))
                        .build());
    }

    /** Who campaigns again with the same lease may have another value. */
    private CompletableFuture<Place> withValue(Place place, ByteString value) {
        if (place.existing() == null || place.existing().getValue().equals(value)) {
            return CompletableFuture.completedFuture(place);
        }
        return asOwner(
                        place.caller(),
                        place.key(),
                        place.createRevision(),
                        KeyQueue.put(place.key(), value, place.lease()))
                .thenApply(done -> place);
    }

    /** Does something to a key if it is still the one that was created then. */
    private CompletableFuture<TxnResponse> asOwner(Caller caller, ByteString key, long createRevision, RequestOp what) {
        TxnRequest txn = TxnRequest.newBuilder()
                .addCompare(KeyQueue.createdAt(key, createRevision))
                .addSuccess(what)
                .build();
        return queue.txn(caller, txn).thenApply(response -> {
            if (!response.getSucceeded()) {
                throw new CompletionException(new KvException(KvError.NOT_ELECTED));
            }
            return response;
        });
    }

    private void proclaim(byte[] bytes, Answer<byte[]> answer) throws KvException {
        ProclaimRequest request = Marshallers.request(ProclaimRequest.parser(), bytes);
        requireLeader(request.hasLeader());
        LeaderKey leader = request.getLeader();
        answer(
                asOwner(
                        answer.caller(),
                        leader.getKey(),
                        leader.getRev(),
                        KeyQueue.put(leader.getKey(), request.getValue(), leader.getLease())),
                answer,
                header -> ProclaimResponse.newBuilder().setHeader(header).build());
    }

    /** Who leads no more has nothing to resign from, and that is no error. */
    private void resign(byte[] bytes, Answer<byte[]> answer) throws KvException {
        ResignRequest request = Marshallers.request(ResignRequest.parser(), bytes);
        requireLeader(request.hasLeader());
        LeaderKey leader = request.getLeader();
        TxnRequest txn = TxnRequest.newBuilder()
                .addCompare(KeyQueue.createdAt(leader.getKey(), leader.getRev()))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(leader.getKey())))
                .build();
        answer(
                queue.txn(answer.caller(), txn),
                answer,
                header -> ResignResponse.newBuilder().setHeader(header).build());
    }

    private static void requireLeader(boolean isThere) throws KvException {
        if (!isThere) {
            throw new KvException(KvError.LEADER_FIELD_MISSING);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the answer says how it ended
    private void answer(
            CompletableFuture<TxnResponse> done,
            Answer<byte[]> answer,
            Function<ResponseHeader, MessageLite> response) {
        done.whenComplete((txn, failure) -> {
            if (failure == null) {
                answer.succeed(response.apply(headers.message(txn.getHeader().getRevision()))
                        .toByteArray());
            } else {
                answer.failWrite(failure);
            }
        });
    }

    private void leader(byte[] bytes, Answer<byte[]> answer) throws KvException {
        LeaderRequest request = Marshallers.request(LeaderRequest.parser(), bytes);
        RangeRequest first = RangeRequest.newBuilder()
                .setKey(KeyQueue.prefix(request.getName()))
                .setRangeEnd(KeyQueue.end(request.getName()))
                .setSortTarget(SortTarget.CREATE)
                .setSortOrder(SortOrder.ASCEND)
                .setLimit(1)
                .build();
        access.range(answer.caller(), first);
        reads.linearizable(new StoreRead(
                true,
                () -> {
                    RangeResult found = store.range(first);
                    access.range(answer.caller(), first);
                    if (found.pairs().isEmpty()) {
                        throw new KvException(KvError.NOBODY_ELECTED);
                    }
                    return LeaderResponse.newBuilder()
                            .setHeader(headers.message(found.revision()))
                            .setKv(KeyQueue.pair(found.pairs().get(0)))
                            .build()
                            .toByteArray();
                },
                answer));
    }
}
