package dev.quorate.kv.cli.bench;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.RangeRequest;
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

/** Writes every key of the key space once, so that reads find something. */
final class Prefill {

    private static final int CLIENTS = 64;
    private static final Duration COUNT_TIMEOUT = Duration.ofSeconds(10);
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(5);

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
        long deadline = System.nanoTime() + LIMIT_NANOS;
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
        try (KvClient client = new KvClient(plan.endpoints(), COUNT_TIMEOUT, null, plan.tls())) {
            return client.range(RangeRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8(RawMessages.key(plan.keyPrefix(), 0)))
                            .setRangeEnd(ByteString.copyFromUtf8(RawMessages.key(plan.keyPrefix(), plan.keySpace())))
                            .setCountOnly(true)
                            .build())
                    .getCount();
        }
    }

    private final class Writer extends ClosedLoopClient {

        private final RawMessages.Template put = RawMessages.put(plan.keyPrefix(), new byte[plan.valueBytes()]);

        Writer(Route route) {
            super(route);
        }

        @Override
        @Nullable
        Request next() {
            long key = nextKey.getAndIncrement();
            return key < plan.keySpace() ? new Request(RawMessages.PUT, put.withNumber(key), key) : null;
        }

        @Override
        void succeeded(Request request, long startNanos, long endNanos, int answerBytes) {}

        @Override
        void failed(Request request, Outcome outcome, Status status) {}
    }
}
