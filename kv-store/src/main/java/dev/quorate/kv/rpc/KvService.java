package dev.quorate.kv.rpc;

import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.CompactionResponse;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.api.TxnResponse;
import dev.quorate.kv.command.Alarms;
import dev.quorate.kv.command.Command;
import dev.quorate.kv.command.CommandResult;
import dev.quorate.kv.command.PutFields;
import dev.quorate.kv.command.RequestChecks;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.RangeResult;
import io.grpc.ServerServiceDefinition;
import java.io.IOException;

/** {@code etcdserverpb.KV}. Requests stay bytes; a write becomes a command by having its header filled in. */
final class KvService {

    private final Replicator replicator;
    private final MvccStore store;
    private final Access access;
    private final ReadBatcher reads;
    private final Headers headers;
    private final Responses responses;
    private final SpaceGuard space;
    private final long memberId;

    KvService(
            Replicator replicator,
            MvccStore store,
            Access access,
            ReadBatcher reads,
            Headers headers,
            SpaceGuard space,
            long memberId) {
        this.replicator = replicator;
        this.store = store;
        this.access = access;
        this.reads = reads;
        this.headers = headers;
        this.responses = new Responses(headers);
        this.space = space;
        this.memberId = memberId;
    }

    ServerServiceDefinition definition() {
        return new ServiceBuilder(KVGrpc.SERVICE_NAME, replicator)
                .method(KVGrpc.getRangeMethod(), this::range)
                .freeStream(
                        KVGrpc.getRangeStreamMethod(),
                        new RangeStreamHandler(replicator, store, reads, access, space, responses))
                .method(KVGrpc.getPutMethod(), this::put)
                .method(KVGrpc.getDeleteRangeMethod(), this::deleteRange)
                .method(KVGrpc.getTxnMethod(), this::txn)
                .method(KVGrpc.getCompactMethod(), this::compact)
                .build();
    }

    private void range(byte[] bytes, Answer<byte[]> answer) throws KvException {
        RangeRequest request = Marshallers.request(RangeRequest.parser(), bytes);
        if (!request.getSerializable() && replicator.isLearner()) {
            throw new KvException(KvError.NOT_FOR_LEARNERS);
        }
        RequestChecks.range(request);
        space.alarms().requireNotCorrupt();
        boolean isLong = !request.getRangeEnd().isEmpty();
        access.range(answer.caller(), request);
        StoreRead read = new StoreRead(
                isLong,
                () -> {
                    RangeResult result = store.range(request);
                    access.range(
                            answer.caller(), request); // once more: what was read may be newer than a permission's end
                    return responses.range(result);
                },
                answer);
        if (request.getSerializable()) {
            reads.serializable(read);
        } else {
            reads.add(answer.consistency(), read);
        }
    }

    private void put(byte[] command, Answer<byte[]> answer) throws KvException {
        PutFields put;
        try {
            put = PutFields.read(command, Command.HEADER_BYTES);
        } catch (IOException e) {
            throw new KvException(KvError.MALFORMED);
        }
        RequestChecks.put(put);
        if (access.state().enabled()) {
            access.put(answer.caller(), Marshallers.request(PutRequest.parser(), command));
        }
        propose(Command.Kind.PUT, command, command.length, answer);
    }

    private void deleteRange(byte[] command, Answer<byte[]> answer) throws KvException {
        DeleteRangeRequest request = Marshallers.request(DeleteRangeRequest.parser(), command);
        RequestChecks.deleteRange(request);
        access.deleteRange(answer.caller(), request);
        propose(Command.Kind.DELETE_RANGE, command, 0, answer);
    }

    private void txn(byte[] command, Answer<byte[]> answer) throws KvException {
        TxnRequest request = Marshallers.request(TxnRequest.parser(), command);
        RequestChecks.txn(request);
        access.txn(answer.caller(), request);
        if (!RequestChecks.isReadOnly(request)) {
            propose(Command.Kind.TXN, command, Alarms.hasPut(request) ? command.length : 0, answer);
            return;
        }
        space.alarms().requireNotCorrupt();
        StoreRead read = new StoreRead(
                true,
                () -> {
                    TxnResponse response = store.read(request);
                    access.txn(answer.caller(), request);
                    return response(response);
                },
                answer);
        if (RequestChecks.isSerializable(request)) {
            reads.serializable(read);
        } else {
            reads.add(answer.consistency(), read);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the answer says how it ended
    private void compact(byte[] command, Answer<byte[]> answer) throws KvException {
        CompactionRequest request = Marshallers.request(CompactionRequest.parser(), command);
        if (!request.getPhysical()) {
            propose(Command.Kind.COMPACT, command, 0, answer);
            return;
        }
        space.admit(0);
        Command.writeHeader(command, Command.Kind.COMPACT, memberId);
        replicator.propose(access.signed(answer.caller(), command)).whenComplete((result, failure) -> {
            if (failure == null && result instanceof CommandResult.Done) {
                store.removed(request.getRevision())
                        .whenComplete((nothing, notRemoved) -> complete(result, notRemoved, answer));
            } else {
                complete(result, failure, answer);
            }
        });
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the answer says how it ended
    private void propose(Command.Kind kind, byte[] command, int growthBytes, Answer<byte[]> answer) throws KvException {
        RequestChecks.size(command.length);
        space.admit(growthBytes);
        Command.writeHeader(command, kind, memberId);
        replicator
                .propose(access.signed(answer.caller(), command))
                .whenComplete((result, failure) -> complete(result, failure, answer));
    }

    /** On the apply thread, mostly. */
    @SuppressWarnings("NullAway") // a completed future has a result or a failure
    private void complete(CommandResult result, Throwable failure, Answer<byte[]> answer) {
        if (failure != null) {
            answer.failWrite(failure);
            return;
        }
        byte[] response;
        try {
            if (result instanceof CommandResult.Put put) {
                response = responses.put(put.revision(), put.previous());
            } else if (result instanceof CommandResult.Deleted deleted) {
                response = responses.deleted(deleted.revision(), deleted.deleted(), deleted.previous());
            } else if (result instanceof CommandResult.Txn txn) {
                response = response(txn.response());
            } else if (result instanceof CommandResult.Done done) {
                response = CompactionResponse.newBuilder()
                        .setHeader(headers.message(done.revision()))
                        .build()
                        .toByteArray();
            } else if (result instanceof CommandResult.Refused refused) {
                answer.refuse(refused.error());
                return;
            } else {
                throw new IllegalStateException("a command was answered with " + result);
            }
        } catch (KvException | RuntimeException | OutOfMemoryError e) {
            answer.failAfterWrite(e); // it has happened; only the answer cannot be written
            return;
        }
        answer.succeed(response);
    }

    private byte[] response(TxnResponse response) {
        return response.toBuilder()
                .setHeader(headers.message(response.getHeader().getRevision()))
                .build()
                .toByteArray();
    }
}
