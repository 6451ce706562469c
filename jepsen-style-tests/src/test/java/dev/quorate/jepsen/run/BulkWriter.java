package dev.quorate.jepsen.run;

import com.google.protobuf.ByteString;
import dev.quorate.jepsen.client.NodeClient;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.PutResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;

/** Puts many keys fast, many at a time, and knows which were acknowledged. */
@NullMarked
final class BulkWriter {

    private static final int AT_ONCE = 256;
    private static final ByteString VALUE = ByteString.copyFromUtf8("x".repeat(100));

    private final List<NodeClient> nodes;
    private final String prefix;
    private final Semaphore free = new Semaphore(AT_ONCE);
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

    /** @param nodes take turns */
    BulkWriter(List<NodeClient> nodes, String prefix) {
        this.nodes = nodes;
        this.prefix = prefix;
    }

    Set<String> acknowledged() {
        return acknowledged;
    }

    /** Returns when all are answered, well or not. */
    void put(int first, int count) throws InterruptedException {
        for (int i = first; i < first + count; i++) {
            free.acquire();
            String key = prefix + i;
            KVGrpc.newStub(nodes.get(i % nodes.size()).kv().getChannel())
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .put(
                            PutRequest.newBuilder()
                                    .setKey(ByteString.copyFromUtf8(key))
                                    .setValue(VALUE)
                                    .build(),
                            onAnswer(key));
        }
        free.acquire(AT_ONCE);
        free.release(AT_ONCE);
    }

    private StreamObserver<PutResponse> onAnswer(String key) {
        return new StreamObserver<>() {
            @Override
            public void onNext(PutResponse answer) {
                acknowledged.add(key);
            }

            @Override
            public void onError(Throwable failure) {
                free.release();
            }

            @Override
            public void onCompleted() {
                free.release();
            }
        };
    }
}
