package dev.quorate.kv.cli.bench;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.PutRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts at a fixed rate, whatever the servers do: the delay of an answer delays no further put. Each value begins with the moment at
 * which its put was sent, in nanoseconds of this process's clock.
 */
final class SteadyPuts {

    /** Puts under way; one that would be more is not sent, and counts as failed. */
    private static final int MAX_UNDER_WAY = 20_000;

    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long TELL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final double NANOS_PER_SECOND = 1e9;

    /** Hears of each put that was acknowledged, on an event loop. */
    interface Acknowledgements {
        void acknowledged(int key, long sentNanos, long answeredNanos);
    }

    private final Targets leader;
    private final int connections;
    private final String keyPrefix;
    private final int keys;
    private final int putsPerSecond;
    private final int valueBytes;
    private final Acknowledgements acknowledgements;
    private final LongAdder acknowledged = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final AtomicLong underWay = new AtomicLong();
    private final AtomicReference<@Nullable String> firstError = new AtomicReference<>();

    /** @param valueBytes at least 8 */
    SteadyPuts(
            Targets leader,
            int connections,
            String keyPrefix,
            int keys,
            int putsPerSecond,
            int valueBytes,
            Acknowledgements acknowledgements) {
        this.leader = leader;
        this.connections = connections;
        this.keyPrefix = keyPrefix;
        this.keys = keys;
        this.putsPerSecond = putsPerSecond;
        this.valueBytes = valueBytes;
        this.acknowledgements = acknowledgements;
    }

    static ByteString key(String prefix, int number) {
        return ByteString.copyFromUtf8(RawMessages.key(prefix, number));
    }

    /**
     * Sends for so long; those that are due, each millisecond.
     *
     * @param told now and then, which share of the time is over
     */
    void run(Duration duration, DoubleConsumer told) {
        long begin = System.nanoTime();
        long toldAt = begin;
        long sent = 0;
        for (long now = begin; now - begin < duration.toNanos(); now = System.nanoTime()) {
            long due = (long) ((now - begin) / NANOS_PER_SECOND * putsPerSecond);
            for (; sent < due; sent++) {
                put(leader.route((int) (sent % connections)), (int) (sent % keys));
            }
            if (now - toldAt > TELL_NANOS) {
                leader.refresh();
                told.accept((double) (now - begin) / duration.toNanos());
                toldAt = now;
            }
            LockSupport.parkNanos(STEP_NANOS);
        }
    }

    private void put(Route route, int key) {
        if (underWay.incrementAndGet() > MAX_UNDER_WAY) {
            underWay.decrementAndGet();
            failed("more than " + MAX_UNDER_WAY + " puts were under way");
            return;
        }
        long sentNanos = System.nanoTime();
        byte[] request = PutRequest.newBuilder()
                .setKey(key(keyPrefix, key))
                .setValue(ByteString.copyFrom(ByteBuffer.allocate(valueBytes).putLong(0, sentNanos)))
                .build()
                .toByteArray();
        ClientCall<byte[], Integer> call = route.channel().newCall(RawMessages.PUT, CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        underWay.decrementAndGet();
                        if (status.isOk()) {
                            acknowledged.increment();
                            acknowledgements.acknowledged(key, sentNanos, System.nanoTime());
                        } else {
                            route.failed();
                            failed("a put failed: " + status.getCode() + " " + status.getDescription());
                        }
                    }
                },
                new Metadata());
        call.request(2);
        call.sendMessage(request);
        call.halfClose();
    }

    private void failed(String why) {
        failed.increment();
        firstError.compareAndSet(null, why);
    }

    long acknowledged() {
        return acknowledged.sum();
    }

    /** Refused, not answered, or not sent because too many were under way. */
    long failed() {
        return failed.sum();
    }

    long underWay() {
        return underWay.get();
    }

    @Nullable
    String firstError() {
        return firstError.get();
    }
}
