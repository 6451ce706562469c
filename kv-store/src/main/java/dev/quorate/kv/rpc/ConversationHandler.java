package dev.quorate.kv.rpc;

import dev.quorate.kv.auth.Caller;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * Many requests on one stream, each answered before the next is taken from the network, so that a client that does not wait for
 * answers fills its own buffers and not ours. A request that fails ends the stream.
 */
final class ConversationHandler implements ServerCallHandler<byte[], byte[]> {

    /** What is done with a request. It runs on the event loop, and does not wait. */
    interface Method {
        /** @throws KvException to refuse the request */
        CompletableFuture<byte[]> handle(Caller caller, byte[] request) throws KvException;
    }

    private final BooleanSupplier hasLeader;
    private final Method method;

    ConversationHandler(BooleanSupplier hasLeader, Method method) {
        this.hasLeader = hasLeader;
        this.method = method;
    }

    @Override
    public ServerCall.Listener<byte[]> startCall(ServerCall<byte[], byte[]> call, Metadata headers) {
        if ("true".equals(headers.get(UnaryHandler.REQUIRES_LEADER)) && !hasLeader.getAsBoolean()) {
            new Answer<>(call, Caller.NOBODY).refuse(KvError.NO_LEADER);
            return new ServerCall.Listener<>() {};
        }
        call.sendHeaders(new Metadata());
        call.request(1);
        return new Stream(call, Access.caller());
    }

    /** Answers come from the node's threads, requests from the event loop: the lock keeps the call to one of them. */
    private final class Stream extends ServerCall.Listener<byte[]> {
        private final ServerCall<byte[], byte[]> call;
        private final Caller caller;
        private boolean isAnswering;
        private boolean isHalfClosed;
        private boolean isClosed;

        Stream(ServerCall<byte[], byte[]> call, Caller caller) {
            this.call = call;
            this.caller = caller;
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // the stream says how it ended
        public void onMessage(byte[] request) {
            synchronized (this) {
                isAnswering = true;
            }
            CompletableFuture<byte[]> response;
            try {
                response = method.handle(caller, request);
            } catch (KvException e) {
                response = CompletableFuture.failedFuture(e);
            }
            response.whenComplete(this::answer);
        }

        @SuppressWarnings("NullAway") // a completed future has a result or a failure
        private synchronized void answer(byte[] response, Throwable failure) {
            isAnswering = false;
            if (isClosed) {
                return;
            }
            if (failure != null) {
                isClosed = true;
                call.close(Errors.status(failure), Errors.trailers(Errors.isDefinite(failure)));
                return;
            }
            call.sendMessage(response);
            if (isHalfClosed) {
                isClosed = true;
                call.close(Status.OK, new Metadata());
            } else {
                call.request(1);
            }
        }

        @Override
        public synchronized void onHalfClose() {
            isHalfClosed = true;
            if (!isAnswering && !isClosed) {
                isClosed = true;
                call.close(Status.OK, new Metadata());
            }
        }

        @Override
        public synchronized void onCancel() {
            isClosed = true;
        }
    }
}
