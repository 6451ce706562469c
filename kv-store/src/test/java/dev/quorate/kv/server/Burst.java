package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.PutResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Many puts at once. */
final class Burst {

    private static final ByteString VALUE = ByteString.copyFrom(new byte[64]);
    private static final int KEYS = 1_000;

    private Burst() {}

    /** Puts, with so many under way at a time, and waits until all are acknowledged. */
    static void puts(int port, int count, int concurrency) throws InterruptedException {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        try {
            KVGrpc.KVStub stub = KVGrpc.newStub(channel);
            Semaphore places = new Semaphore(concurrency);
            CountDownLatch done = new CountDownLatch(count);
            AtomicInteger failed = new AtomicInteger();
            for (int i = 0; i < count; i++) {
                places.acquire();
                String key = String.format(Locale.ROOT, "burst-%04d", i % KEYS);
                PutRequest put = PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setValue(VALUE)
                        .build();
                stub.put(put, new StreamObserver<>() {
                    @Override
                    public void onNext(PutResponse response) {}

                    @Override
                    public void onError(Throwable failure) {
                        failed.incrementAndGet();
                        onCompleted();
                    }

                    @Override
                    public void onCompleted() {
                        places.release();
                        done.countDown();
                    }
                });
            }
            assertTrue(done.await(60, TimeUnit.SECONDS), "all puts are answered");
            assertEquals(0, failed.get(), "puts that failed");
        } finally {
            channel.shutdownNow();
        }
    }
}
