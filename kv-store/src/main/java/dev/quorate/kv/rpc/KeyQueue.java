package dev.quorate.kv.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.UnsafeByteOperations;
import dev.quorate.kv.api.Compare;
import dev.quorate.kv.api.Compare.CompareResult;
import dev.quorate.kv.api.Compare.CompareTarget;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.KeyValue;
import dev.quorate.kv.api.LeaseGrantRequest;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeRequest.SortOrder;
import dev.quorate.kv.api.RangeRequest.SortTarget;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.api.TxnResponse;
import dev.quorate.kv.auth.Caller;
import dev.quorate.kv.command.Command;
import dev.quorate.kv.command.CommandResult;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.RangeResult;
import dev.quorate.kv.mvcc.StorageException;
import dev.quorate.kv.watch.WatchHub;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Queues made of keys, as etcd's client library makes them: each who waits has a key {@code name/LEASE} on his lease, and it is the
 * turn of the one whose key was created first. Whoever goes away, by his will or because his lease ends, leaves the queue with his
 * key. Locks and elections are both that. Nothing waits on a thread.
 */
final class KeyQueue {

    /** How long a place lasts that was taken without a lease, and is not renewed (etcd's session). */
    private static final long SESSION_SECONDS = 60;

    private final Replicator replicator;
    private final MvccStore store;
    private final Access access;
    private final ReadBatcher reads;
    private final WatchHub hub;
    private final long memberId;

    KeyQueue(Replicator replicator, MvccStore store, Access access, ReadBatcher reads, WatchHub hub, long memberId) {
        this.replicator = replicator;
        this.store = store;
        this.access = access;
        this.reads = reads;
        this.hub = hub;
        this.memberId = memberId;
    }

    /**
     * A place in a queue.
     *
     * @param createRevision of the key: who has a smaller one is before
     * @param existing the pair, if the lease had a place in the queue already
     */
    record Place(
            Caller caller,
            ByteString name,
            ByteString key,
            long lease,
            long createRevision,
            @Nullable KeyValue existing) {}

    /** Where the keys of a queue begin. */
    static ByteString prefix(ByteString name) {
        return name.concat(ByteString.copyFromUtf8("/"));
    }

    /** The first key after those of a queue. */
    static ByteString end(ByteString name) {
        return name.concat(ByteString.copyFromUtf8("0")); // '0' follows '/'
    }

    /** Takes a place, or finds the one that the lease has. */
    CompletableFuture<Place> enter(Caller caller, ByteString name, long lease, ByteString value) {
        return lease(caller, lease).thenCompose(id -> enterWith(caller, name, id, value));
    }

    private CompletableFuture<Long> lease(Caller caller, long lease) {
        if (lease != 0) {
            return CompletableFuture.completedFuture(lease);
        }
        LeaseGrantRequest grant = LeaseGrantRequest.newBuilder()
                .setID(ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE))
                .setTTL(SESSION_SECONDS)
                .build();
        return propose(Command.Kind.LEASE_GRANT, caller, grant).thenApply(done -> grant.getID());
    }

    private CompletableFuture<Place> enterWith(Caller caller, ByteString name, long lease, ByteString value) {
        ByteString key = prefix(name).concat(ByteString.copyFromUtf8(Long.toHexString(lease)));
        TxnRequest txn = TxnRequest.newBuilder()
                .addCompare(createdAt(key, 0))
                .addSuccess(put(key, value, lease))
                .addFailure(RequestOp.newBuilder()
                        .setRequestRange(RangeRequest.newBuilder().setKey(key)))
                .build();
        return txn(caller, txn).thenApply(response -> {
            if (response.getSucceeded()) {
                return new Place(caller, name, key, lease, response.getHeader().getRevision(), null);
            }
            KeyValue existing = response.getResponses(0).getResponseRange().getKvs(0);
            return new Place(caller, name, key, lease, existing.getCreateRevision(), existing);
        });
    }

    /** Completes when nobody is before this place any more. To cancel it ends the wait, and leaves the place. */
    CompletableFuture<Place> turn(Place place) {
        Turn turn = new Turn(place);
        turn.look();
        return turn.come;
    }

    /** Gives a place up. */
    CompletableFuture<CommandResult> leave(Place place) {
        return delete(place.caller(), place.key());
    }

    CompletableFuture<CommandResult> delete(Caller caller, ByteString key) {
        DeleteRangeRequest request = DeleteRangeRequest.newBuilder().setKey(key).build();
        try {
            access.deleteRange(caller, request);
        } catch (KvException e) {
            return CompletableFuture.failedFuture(e);
        }
        return propose(Command.Kind.DELETE_RANGE, caller, request);
    }

    CompletableFuture<TxnResponse> txn(Caller caller, TxnRequest request) {
        try {
            access.txn(caller, request);
        } catch (KvException e) {
            return CompletableFuture.failedFuture(e);
        }
        return propose(Command.Kind.TXN, caller, request).thenApply(result -> ((CommandResult.Txn) result).response());
    }

    private CompletableFuture<CommandResult> propose(Command.Kind kind, Caller caller, MessageLite request) {
        byte[] command = Command.of(kind, memberId, request.toByteArray());
        return replicator.propose(access.signed(caller, command)).thenApply(result -> {
            if (result instanceof CommandResult.Refused refused) {
                KvError error = refused.error() == KvError.LEASE_NOT_FOUND
                        ? KvError.LEASE_OF_SESSION_NOT_FOUND
                        : refused.error();
                throw new CompletionException(new KvException(error));
            }
            return result;
        });
    }

    static Compare createdAt(ByteString key, long revision) {
        return Compare.newBuilder()
                .setKey(key)
                .setTarget(CompareTarget.CREATE)
                .setResult(CompareResult.EQUAL)
                .setCreateRevision(revision)
                .build();
    }

    static RequestOp put(ByteString key, ByteString value, long lease) {
        return RequestOp.newBuilder()
                .setRequestPut(
                        PutRequest.newBuilder().setKey(key).setValue(value).setLease(lease))
                .build();
    }

    static KeyValue pair(byte[] bytes) {
        try {
            return KeyValue.parseFrom(UnsafeByteOperations.unsafeWrap(bytes));
        } catch (InvalidProtocolBufferException e) {
            throw new StorageException("a stored pair is no mvccpb.KeyValue", e);
        }
    }

    /** The wait for a turn: for the end of the one right before, and for who is before then, until nobody is. */
    private final class Turn {
        private final Place place;
        private final CompletableFuture<Place> come = new CompletableFuture<>();

        Turn(Place place) {
            this.place = place;
        }

        /** What this member has is enough: it has carried out what made the place, and all that is before it. */
        void look() {
            if (come.isDone()) {
                return;
            }
            try {
                reads.serializable(new ReadTask() {
                    @Override
                    public boolean isLong() {
                        return true;
                    }

                    @Override
                    public void run() {
                        try {
                            lookNow();
                        } catch (KvException | RuntimeException e) {
                            come.completeExceptionally(e);
                        }
                    }

                    @Override
                    public void fail(Throwable why) {
                        come.completeExceptionally(why);
                    }
                });
            } catch (KvException e) {
                come.completeExceptionally(e);
            }
        }

        private void lookNow() throws KvException {
            RangeResult before = store.range(RangeRequest.newBuilder()
                    .setKey(prefix(place.name()))
                    .setRangeEnd(end(place.name()))
                    .setMaxCreateRevision(place.createRevision() - 1)
                    .setSortTarget(SortTarget.CREATE)
                    .setSortOrder(SortOrder.DESCEND)
                    .setLimit(1)
                    .setKeysOnly(true)
                    .build());
            List<byte[]> pairs = before.pairs();
            if (!pairs.isEmpty()) {
                awaitEnd(pair(pairs.get(0)).getKey(), before.revision() + 1);
                return;
            }
            RangeResult own =
                    store.range(RangeRequest.newBuilder().setKey(place.key()).build());
            boolean isThere =
                    !own.pairs().isEmpty() && pair(own.pairs().get(0)).getCreateRevision() == place.createRevision();
            if (isThere) {
                come.complete(place);
            } else {
                come.completeExceptionally(new KvException(KvError.SESSION_EXPIRED));
            }
        }

        @SuppressWarnings("FutureReturnValueIgnored") // what comes of it is looked at
        private void awaitEnd(ByteString key, long fromRevision) {
            CompletableFuture<Long> end = hub.whenDeleted(key, fromRevision);
            come.whenComplete((done, failure) -> end.cancel(false));
            end.whenComplete((revision, failure) -> {
                if (failure == null) {
                    look();
                } else if (!come.isDone()) {
                    come.completeExceptionally(new KvException(KvError.STOPPED));
                }
            });
        }
    }
}
