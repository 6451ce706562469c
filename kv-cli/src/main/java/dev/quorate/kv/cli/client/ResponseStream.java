package dev.quorate.kv.cli.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one server answers to a request, in many responses. They are taken one by one, so that a slow reader holds the server back
 * and not this memory.
 */
final class ResponseStream<Q, R> extends ClientCall.Listener<R> {

    /** What is taken from the network before it is read. */
    private static final int AHEAD = 16;

    /** A response, or the status that the stream has ended with. */
    private final BlockingQueue<Object> heard = new LinkedBlockingQueue<>(); // AHEAD and the end, at the most

    private final ClientCall<Q, R> call;

    ResponseStream(Channel channel, MethodDescriptor<Q, R> method, Metadata headers, Q request) {
        call = channel.newCall(method, CallOptions.DEFAULT);
        call.start(this, headers);
        call.request(AHEAD);
        call.sendMessage(request);
        if (method.getType().clientSendsOneMessage()) {
            call.halfClose();
        }
    }

    /** Waits for what comes next: a response, or the {@link Status} that the stream has ended with. */
    Object next() throws InterruptedException {
        return taken(heard.take());
    }

    /** The same, for so long; null if nothing came. */
    @Nullable
    Object next(long nanos) throws InterruptedException {
        Object next = heard.poll(nanos, TimeUnit.NANOSECONDS);
        return next == null ? null : taken(next);
    }

    private Object taken(Object next) {
        if (!(next instanceof Status)) {
            call.request(1);
        }
        return next;
    }

    void close() {
        call.cancel("nobody listens any more", null);
    }

    @Override
    public void onMessage(R response) {
        heard.add(response);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        heard.add(status);
    }
}
