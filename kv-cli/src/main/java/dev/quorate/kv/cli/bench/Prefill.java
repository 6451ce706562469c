package dev.quorate.kv.cli.bench;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.client.Outcome;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Writes every key of the key space once, so that reads find something; many in one transaction. */
final class Prefill {

    private static final int CLIENTS = 64;
    private static final Duration COUNT_TIMEOUT = Duration.ofMinutes(2);
    /** etcd takes 128. */
    private static final int MAX_KEYS_PER_REQUEST = 100;
    /** Less than the largest request by far. */
    private static final int MAX_REQUEST_BYTES = 256 << 10;
    /** What each key adds beside its value, at the most. */
    private static final int BYTES_BESIDE_VALUE = 256;
    /** For every key, and for all together at the least: a disk may be slow. */
    private static final long LIMIT_NANOS_PER_KEY = TimeUnit.MILLISECONDS.toNanos(1);

    private static final long MIN_LIMIT_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final BenchPlan plan;
    private final AtomicLong nextKey = new AtomicLong();

    Prefill(BenchPlan plan) {
        this.plan = plan;
    }

    /**
     * @throws CliException (definite) if keys are missing afterwards
     */
    void run(Targets targets) throws InterruptedException {
        if (count() >= plan.keySpace()) {
            return;
        }
        List<ClosedLoopClient> clients = new ArrayList<>(CLIENTS);
        for (int i = 0; i < CLIENTS; i++) {
            ClosedLoopClient client = new Writer(targets.route(i));
            clients.add(client);
            client.start();
        }
        long deadline = System.nanoTime() + Math.max(MIN_LIMIT_NANOS, plan.keySpace() * LIMIT_NANOS_PER_KEY);
        for (ClosedLoopClient client : clients) {
            client.awaitEnd(Math.max(0, deadline - System.nanoTime()));
        }
        long present = count();
        if (present < plan.keySpace()) {
            throw CliException.definite("only " + present + " of " + plan.keySpace()
                    + " keys could be written before the reads; is the cluster well? see 'kv status'");
        }
    }

    private long count() {
        try (KvClient client = plan.servers().connect(COUNT_TIMEOUT)) {
            return client.range(RangeRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8(RawMessages.key(plan.keyPrefix(), 0)))
                            .setRangeEnd(ByteString.copyFromUtf8(RawMessages.key(plan.keyPrefix(), plan.keySpace())))
                            .setCountOnly(true)
                            .build())
                    .getCount();
        }
    }

    private final class Writer extends ClosedLoopClient {

        private final ByteString value = ByteString.copyFrom(new byte[plan.valueBytes()]);
        private final int keysPerRequest = Math.max(
                1, Math.min(MAX_KEYS_PER_REQUEST, MAX_REQUEST_BYTES / (plan.valueBytes() + BYTES_BESIDE_VALUE)));

        Writer(Route route) {
            super(route);
        }

        @Override
        @Nullable
        Request next() {
            long first = nextKey.getAndAdd(keysPerRequest);
            if (first >= plan.keySpace()) {
                return null;
            }
            TxnRequest.Builder puts = TxnRequest.newBuilder();
            for (long key = first; key < Math.min(first + keysPerRequest, plan.keySpace()); key++) {
                puts.addSuccessBuilder()
                        .getRequestPutBuilder()
                        .setKey(ByteString.copyFromUtf8(RawMessages.key(plan.keyPrefix(), key)))
                        .setValue(value);
            }
            return new Request(RawMessages.TXN, puts.build().toByteArray(), first);
        }

        @Override
        void succeeded(Request request, long startNanos, long endNanos, int answerBytes) {}

        @Override
        void failed(Request request, Outcome outcome, Status status) {}
    }
}
