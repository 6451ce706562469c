package dev.quorate.kv.rpc;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.LockGrpc;
import dev.quorate.kv.api.LockRequest;
import dev.quorate.kv.api.LockResponse;
import dev.quorate.kv.api.UnlockRequest;
import dev.quorate.kv.api.UnlockResponse;
import dev.quorate.kv.command.CommandResult;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.rpc.KeyQueue.Place;
import io.grpc.ServerServiceDefinition;
import java.util.concurrent.CompletableFuture;

/** etcd's Lock: whoever is first in the queue of a name owns its lock. */
final class LockService {

    private final Replicator replicator;
    private final KeyQueue queue;
    private final Headers headers;

    LockService(Replicator replicator, KeyQueue queue, Headers headers) {
        this.replicator = replicator;
        this.queue = queue;
        this.headers = headers;
    }

    ServerServiceDefinition definition() {
        return new ServiceBuilder(LockGrpc.SERVICE_NAME, replicator)
                .method(LockGrpc.getLockMethod(), this::lock)
                .method(LockGrpc.getUnlockMethod(), this::unlock)
                .build();
    }

    private void lock(byte[] bytes, Answer<byte[]> answer) throws KvException {
        LockRequest request = Marshallers.request(LockRequest.parser(), bytes);
        CompletableFuture<Place> entered =
                queue.enter(answer.caller(), request.getName(), request.getLease(), ByteString.EMPTY);
        Waiting.forTurn(
                queue,
                entered,
                answer,
                place -> LockResponse.newBuilder()
                        .setHeader(headers.message(place.createRevision()))
                        .setKey(place.key())
                        .build());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the answer says how it ended
    private void unlock(byte[] bytes, Answer<byte[]> answer) throws KvException {
        UnlockRequest request = Marshallers.request(UnlockRequest.parser(), bytes);
        queue.delete(answer.caller(), request.getKey()).whenComplete((result, failure) -> {
            if (failure == null) {
                answer.succeed(UnlockResponse.newBuilder()
                        .setHeader(headers.message(((CommandResult.Deleted) result).revision()))
                        .build()
                        .toByteArray());
            } else {
                answer.failWrite(failure);
            }
        });
    }
}
