package dev.quorate.kv.rpc;

import dev.quorate.kv.auth.Caller;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.raft.ReadConsistency;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** The way back to one caller: exactly one of these methods is called, once, from any thread. */
final class Answer<A> {

    private final ServerCall<?, A> call;
    private final Caller caller;
    private final ReadConsistency consistency;
    private @Nullable Runnable onCancel; // guarded by this
    private boolean isCanceled; // guarded by this

    Answer(ServerCall<?, A> call, Caller caller) {
        this(call, caller, ReadConsistency.LINEARIZABLE);
    }

    Answer(ServerCall<?, A> call, Caller caller, ReadConsistency consistency) {
        this.call = call;
        this.caller = caller;
        this.consistency = consistency;
    }

    /** What a read may miss, as the caller said. */
    ReadConsistency consistency() {
        return consistency;
    }

    /** What to do when the caller goes away before he has his answer; at once if he has gone. */
    void whenCanceled(Runnable action) {
        boolean isLate;
        synchronized (this) {
            isLate = isCanceled;
            onCancel = action;
        }
        if (isLate) {
            action.run();
        }
    }

    /** The caller has gone away. */
    void canceled() {
        Runnable action;
        synchronized (this) {
            isCanceled = true;
            action = onCancel;
        }
        if (action != null) {
            action.run();
        }
    }

    /** Who asked. */
    Caller caller() {
        return caller;
    }

    void succeed(A message) {
        call.sendHeaders(new Metadata());
        call.sendMessage(message);
        call.close(Status.OK, new Metadata());
    }

    /** The request is refused: it has done nothing. */
    void refuse(KvError error) {
        call.close(Errors.status(error), Errors.trailers(true));
    }

    void refuse(Status status) {
        call.close(status, Errors.trailers(true));
    }

    /** A write failed; what failed says whether it may have happened. */
    void failWrite(Throwable failure) {
        call.close(Errors.status(failure), Errors.trailers(Errors.isDefinite(failure)));
    }

    /** A write happened, and its answer cannot be given. */
    void failAfterWrite(Throwable failure) {
        call.close(Errors.status(failure), Errors.trailers(false));
    }

    /** A read failed; a read changes nothing. */
    void failRead(Throwable failure) {
        call.close(Errors.status(failure), Errors.trailers(true));
    }
}
