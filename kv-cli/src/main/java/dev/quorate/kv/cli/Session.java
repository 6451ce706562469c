package dev.quorate.kv.cli;

import dev.quorate.kv.api.LeaseGrantRequest;
import dev.quorate.kv.api.LeaseGrpc;
import dev.quorate.kv.api.LeaseKeepAliveRequest;
import dev.quorate.kv.api.LeaseRevokeRequest;
import dev.quorate.kv.cli.client.CallFailedException;
import dev.quorate.kv.cli.client.KvClient;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A lease that lasts as long as this process: what is on it goes a little later, if the process ends without a word. */
final class Session implements AutoCloseable {

    private static final int RENEWALS_PER_TTL = 3;

    private final KvClient client;
    private final long lease;
    private final Runnable onLost;
    private final ScheduledExecutorService renewals = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "kv-session");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param client for this session alone
     * @param onLost the lease has ended, or nobody could be reached for as long as it lasts
     */
    Session(KvClient client, Duration ttl, Runnable onLost) {
        this.client = client;
        this.onLost = onLost;
        var granted = client.change(
                LeaseGrpc.getLeaseGrantMethod(),
                LeaseGrantRequest.newBuilder()
                        .setTTL(Math.max(1, ttl.toSeconds()))
                        .build());
        this.lease = granted.getID();
        long periodMillis = TimeUnit.SECONDS.toMillis(granted.getTTL()) / RENEWALS_PER_TTL;
        long ttlNanos = TimeUnit.SECONDS.toNanos(granted.getTTL());
        var unused =
                renewals.scheduleAtFixedRate(new Renewal(ttlNanos), periodMillis, periodMillis, TimeUnit.MILLISECONDS);
    }

    long lease() {
        return lease;
    }

    private final class Renewal implements Runnable {
        private final long ttlNanos;
        private long renewedNanos = System.nanoTime();

        Renewal(long ttlNanos) {
            this.ttlNanos = ttlNanos;
        }

        @Override
        public void run() {
            long asked = System.nanoTime(); // counted from the question: the lease may be renewed at any time after it
            boolean isThere;
            try {
                isThere = client.ask(
                                        LeaseGrpc.getLeaseKeepAliveMethod(),
                                        LeaseKeepAliveRequest.newBuilder()
                                                .setID(lease)
                                                .build())
                                .getTTL()
                        > 0;
            } catch (CallFailedException e) {
                if (System.nanoTime() - renewedNanos < ttlNanos) {
                    return; // another time
                }
                isThere = false;
            }
            if (isThere) {
                renewedNanos = asked;
            } else {
                renewals.shutdown();
                onLost.run();
            }
        }
    }

    /** Ends the lease, and with it what is on it. */
    @Override
    public void close() {
        renewals.shutdownNow();
        try {
            if (renewals.awaitTermination(1, TimeUnit.SECONDS)) {
                client.change(
                        LeaseGrpc.getLeaseRevokeMethod(),
                        LeaseRevokeRequest.newBuilder().setID(lease).build());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (CallFailedException e) {
            System.err.println("kv: the lease " + Long.toHexString(lease) + " ends by itself: " + e.getMessage());
        } finally {
            client.close();
        }
    }
}
