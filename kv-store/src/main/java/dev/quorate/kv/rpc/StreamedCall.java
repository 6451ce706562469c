package dev.quorate.kv.rpc;

import dev.quorate.kv.auth.Caller;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.raft.ReadConsistency;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One request and an answer in parts. Parts are read one after the other on the reader threads, each when the caller has taken the
 * one before; the rest happens on the event loop. A read changes nothing, however it ends.
 */
abstract class StreamedCall extends ServerCall.Listener<byte[]> implements ReadTask {

    final ServerCall<byte[], byte[]> call;
    final Caller caller = Access.caller();
    private final ReadBatcher reads;
    private byte @Nullable [] bytes;
    private boolean isWaiting; // guarded by this: for the caller to take what was sent
    private boolean isOver; // guarded by this

    StreamedCall(ServerCall<byte[], byte[]> call, ReadBatcher reads) {
        this.call = call;
        this.reads = reads;
    }

    /** Asks for the request, unless this member cannot serve it. */
    final StreamedCall start(Metadata headers, boolean hasLeader, ReadConsistency unsaid) {
        if ("true".equals(headers.get(UnaryHandler.REQUIRES_LEADER)) && !hasLeader) {
            refuse(Errors.status(KvError.NO_LEADER));
            return this;
        }
        try {
            consistency(ConsistencyHeader.of(headers, unsaid));
        } catch (IllegalArgumentException e) {
            refuse(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
            return this;
        }
        call.request(2); // one, and one more to notice a client that sends two
        return this;
    }

    /** What the caller wants to see, before the request itself. */
    abstract void consistency(ReadConsistency wanted);

    /**
     * Looks at the request, on the event loop.
     *
     * @return what the first part must see
     * @throws KvException to refuse it
     */
    abstract ReadConsistency begin(byte[] request) throws KvException;

    /**
     * Reads and sends what is next, on a reader thread, never two at a time.
     *
     * @return whether there is more
     */
    abstract boolean sendNext() throws KvException, IOException;

    /** The call has ended, somehow; once, on any thread. */
    void ended() {}

    final synchronized boolean isOver() {
        return isOver;
    }

    private boolean end() {
        synchronized (this) {
            if (isOver) {
                return false;
            }
            isOver = true;
        }
        ended();
        return true;
    }

    @Override
    public final void onMessage(byte[] message) {
        if (bytes != null) {
            refuse(Status.INTERNAL.withDescription("more than one request for a method that takes one"));
        }
        bytes = message;
    }

    @Override
    public final void onHalfClose() {
        byte[] received = bytes;
        if (received == null) {
            refuse(Status.INTERNAL.withDescription("no request for a method that takes one"));
            return;
        }
        if (isOver()) {
            return;
        }
        try {
            ReadConsistency first = begin(received);
            if (!isOver()) {
                call.sendHeaders(new Metadata());
                reads.add(first, this);
            }
        } catch (KvException e) {
            refuse(Errors.status(e.error()));
        }
    }

    @Override
    public final boolean isLong() {
        return true;
    }

    @Override
    public final void run() {
        if (isOver()) {
            return;
        }
        try {
            if (sendNext()) {
                synchronized (this) {
                    isWaiting = true;
                }
                goOn();
            } else if (end()) {
                call.close(Status.OK, new Metadata());
            }
        } catch (KvException e) {
            refuse(Errors.status(e.error()));
        } catch (IOException e) {
            refuse(Status.INTERNAL.withDescription("quorate: " + e.getMessage()));
        } catch (RuntimeException | OutOfMemoryError e) {
            fail(e);
        }
    }

    @Override
    public final void onReady() {
        goOn();
    }

    private void goOn() {
        synchronized (this) {
            if (!isWaiting || isOver || !call.isReady()) {
                return;
            }
            isWaiting = false;
        }
        try {
            reads.serializable(this);
        } catch (KvException e) {
            refuse(Errors.status(e.error()));
        }
    }

    @Override
    public final void onCancel() {
        end();
    }

    @Override
    public final void fail(Throwable why) {
        refuse(Errors.status(why));
    }

    final void refuse(Status status) {
        if (end()) {
            call.close(status, Errors.trailers(true));
        }
    }
}
