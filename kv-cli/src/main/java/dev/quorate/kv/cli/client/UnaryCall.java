package dev.quorate.kv.cli.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request to one server, and whether it left this process. The waiting thread owns the call; the answer is written by the
 * event loop before the latch opens.
 */
public final class UnaryCall<Q, R> extends ClientCall.Listener<R> {

    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    private static final Metadata.Key<String> READ_CONSISTENCY =
            Metadata.Key.of("quorate-read-consistency", Metadata.ASCII_STRING_MARSHALLER);

    private final ClientCall<Q, R> call;
    private final SentTracer sent = new SentTracer();
    private final CountDownLatch closed = new CountDownLatch(1);
    private @Nullable R response;
    private Status status = Status.UNKNOWN;
    private Metadata trailers = new Metadata();

    UnaryCall(Channel channel, MethodDescriptor<Q, R> method, long budgetNanos) {
        CallOptions options =
                CallOptions.DEFAULT.withStreamTracerFactory(sent).withDeadlineAfter(budgetNanos, TimeUnit.NANOSECONDS);
        this.call = channel.newCall(method, options);
    }

    /** @param consistency what a read may miss, null for nothing */
    public static Metadata readHeaders(@Nullable String consistency) {
        Metadata headers = new Metadata();
        if (consistency != null) {
            headers.put(READ_CONSISTENCY, consistency);
        }
        return headers;
    }

    /** @param token null or empty to ask as nobody */
    static Metadata headers(@Nullable String token) {
        Metadata headers = new Metadata();
        if (token != null && !token.isEmpty()) {
            headers.put(TOKEN, token);
        }
        return headers;
    }

    void start(Q request, @Nullable String token) {
        start(request, token, null);
    }

    /** @param consistency what a read may miss, null for nothing */
    void start(Q request, @Nullable String token, @Nullable String consistency) {
        Metadata headers = headers(token);
        headers.merge(readHeaders(consistency));
        call.start(this, headers);
        call.request(2);
        call.sendMessage(request);
        call.halfClose();
    }

    /** Waits; false if the time ran out first. */
    boolean await(long nanos) {
        try {
            return closed.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancel("interrupted");
            return true;
        }
    }

    /** Gives up. What {@link #wasSent} says afterwards is final: a cancelled call is not sent any more. */
    void cancel(String why) {
        call.cancel(why, null);
        boolean interrupted = false;
        while (true) {
            try {
                closed.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    boolean wasSent() {
        return sent.headersLeft;
    }

    Status status() {
        return status;
    }

    Metadata trailers() {
        return trailers;
    }

    /** The answer; present if and only if the status is OK. */
    @Nullable
    R response() {
        return response;
    }

    @Override
    public void onMessage(R message) {
        response = message;
    }

    @Override
    public void onClose(Status closedWith, Metadata with) {
        status = closedWith.isOk() && response == null
                ? Status.INTERNAL.withDescription("the server closed the call without an answer")
                : closedWith;
        trailers = with;
        closed.countDown();
    }

    private static final class SentTracer extends ClientStreamTracer.Factory {

        private volatile boolean headersLeft;

        @Override
        public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
            return new ClientStreamTracer() {
                @Override
                public void outboundHeaders() {
                    headersLeft = true;
                }
            };
        }
    }
}
