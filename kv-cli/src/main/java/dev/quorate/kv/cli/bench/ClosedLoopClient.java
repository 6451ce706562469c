package dev.quorate.kv.cli.bench;

import dev.quorate.kv.cli.client.Outcome;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client of a load: it sends its next request when the last one has been answered. It never repeats a request; after a
 * failure it pauses and goes on with the next.
 *
 * <p>It lives on the event loops of its connections: one call is under way at a time, and each call's end hands the client to
 * the next call.
 */
abstract class ClosedLoopClient {

    private static final long PAUSE_AFTER_FAILURE_MILLIS = 10;

    private final Route route;
    private final Metadata headers;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean stopping;
    private volatile long startedNanos;
    private volatile @Nullable ClientCall<byte[], Integer> underWay;

    ClosedLoopClient(Route route) {
        this(route, new Metadata());
    }

    /** @param headers of each request; never changed */
    ClosedLoopClient(Route route, Metadata headers) {
        this.route = route;
        this.headers = headers;
    }

    /** What to send now, null if there is nothing more to do. */
    abstract @Nullable Request next();

    /**
     * @param answerBytes the size of the answer
     */
    abstract void succeeded(Request request, long startNanos, long endNanos, int answerBytes);

    abstract void failed(Request request, Outcome outcome, Status status);

    /** A request that is ready to send. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Request(MethodDescriptor<byte[], Integer> method, byte[] bytes, long number) {}

    final void start() {
        Request request = stopping ? null : next();
        if (request == null) {
            underWay = null;
            ended.countDown();
            return;
        }
        ClientCall<byte[], Integer> call = route.channel().newCall(request.method(), CallOptions.DEFAULT);
        startedNanos = System.nanoTime();
        underWay = call;
        // A call may add to its headers what concerns itself.
        Metadata own = new Metadata();
        own.merge(headers);
        call.start(new Answer(request, startedNanos), own);
        call.request(2);
        call.sendMessage(request.bytes());
        call.halfClose();
    }

    /** No further request; the one under way may still be answered. */
    final void stop() {
        stopping = true;
    }

    /** False if its last request was not answered in time; that one is then given up. */
    final boolean awaitEnd(long nanos) throws InterruptedException {
        if (ended.await(nanos, TimeUnit.NANOSECONDS)) {
            return true;
        }
        giveUp();
        return false;
    }

    /** Gives up a request that has been under way for longer than this: a paused server closes no connection. */
    final void giveUpAfter(long nanos) {
        if (underWay != null && System.nanoTime() - startedNanos > nanos) {
            giveUp();
        }
    }

    private void giveUp() {
        ClientCall<byte[], Integer> call = underWay;
        if (call != null) {
            call.cancel("no answer in time", null);
        }
    }

    private final class Answer extends ClientCall.Listener<Integer> {

        private final Request request;
        private final long started;
        private int bytes;

        Answer(Request request, long started) {
            this.request = request;
            this.started = started;
        }

        @Override
        public void onMessage(Integer length) {
            bytes = length;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (status.isOk()) {
                succeeded(request, started, System.nanoTime(), bytes);
                start();
            } else {
                failed(request, Outcome.ofCall(status, trailers), status);
                // On an executor: a channel without a connection fails calls at once, and would recurse.
                route.failed();
                route.later(ClosedLoopClient.this::start, PAUSE_AFTER_FAILURE_MILLIS);
            }
        }
    }
}
