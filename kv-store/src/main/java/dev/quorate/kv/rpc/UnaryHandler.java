package dev.quorate.kv.rpc;

import dev.quorate.kv.auth.Caller;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.raft.ReadConsistency;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One request, one answer. It does what gRPC's own adapter for generated services does, without its observers, and it is
 * silent when a caller has gone away: what was proposed for him goes its way.
 */
final class UnaryHandler<Q, A> implements ServerCallHandler<Q, A> {

    /** With it a client asks to be refused by a member that has no leader, instead of waiting. */
    static final Metadata.Key<String> REQUIRES_LEADER = Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    /** What is done with a request. It runs on the event loop. */
    interface Method<Q, A> {
        /** @throws KvException to refuse the request */
        void handle(Q request, Answer<A> answer) throws KvException;
    }

    private final BooleanSupplier hasLeader;
    private final Method<Q, A> method;

    UnaryHandler(BooleanSupplier hasLeader, Method<Q, A> method) {
        this.hasLeader = hasLeader;
        this.method = method;
    }

    @Override
    public ServerCall.Listener<Q> startCall(ServerCall<Q, A> call, Metadata headers) {
        if ("true".equals(headers.get(REQUIRES_LEADER)) && !hasLeader.getAsBoolean()) {
            new Answer<>(call, Caller.NOBODY).refuse(KvError.NO_LEADER);
            return new ServerCall.Listener<>() {};
        }
        ReadConsistency consistency;
        try {
            consistency = ConsistencyHeader.of(headers);
        } catch (IllegalArgumentException e) {
            new Answer<>(call, Caller.NOBODY).refuse(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
            return new ServerCall.Listener<>() {};
        }
        call.request(2); // one, and one more to notice a client that sends two
        return new Request(call, Access.caller(), consistency);
    }

    private final class Request extends ServerCall.Listener<Q> {
        private final ServerCall<Q, A> call;
        private final Caller caller;
        private final ReadConsistency consistency;
        private @Nullable Q request;
        private @Nullable Answer<A> answer;
        private boolean isRefused;

        Request(ServerCall<Q, A> call, Caller caller, ReadConsistency consistency) {
            this.call = call;
            this.caller = caller;
            this.consistency = consistency;
        }

        @Override
        public void onMessage(Q message) {
            if (request != null) {
                isRefused = true;
                new Answer<>(call, caller)
                        .refuse(Status.INTERNAL.withDescription("more than one request for a method that takes one"));
                return;
            }
            request = message;
        }

        @Override
        public void onHalfClose() {
            if (isRefused) {
                return;
            }
            Answer<A> back = new Answer<>(call, caller, consistency);
            answer = back;
            Q message = request;
            if (message == null) {
                back.refuse(Status.INTERNAL.withDescription("no request for a method that takes one"));
                return;
            }
            try {
                method.handle(message, back);
            } catch (KvException e) {
                back.refuse(e.error());
            }
        }

        @Override
        public void onCancel() {
            Answer<A> back = answer;
            if (back != null) {
                back.canceled();
            }
        }
    }
}
