package dev.quorate.jepsen.run;

import dev.quorate.jepsen.client.ClusterClient;
import dev.quorate.jepsen.client.NodeClient;
import dev.quorate.jepsen.client.RunClock;
import dev.quorate.jepsen.cluster.Cluster;
import dev.quorate.jepsen.history.NemesisEvent;
import dev.quorate.jepsen.nemesis.KillNemesis;
import dev.quorate.jepsen.nemesis.Storm;
import dev.quorate.kv.api.StatusResponse;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Kills the leader again and again, each time when everybody is well and up to date: for the distribution of the time until
 * writes go on.
 */
public final class LeaderKills implements Storm {

    private static final int MAX_CALM_MILLIS = 1_500;
    private static final long RECOVERY_TIMEOUT_MILLIS = 30_000;
    private static final long POLL_MILLIS = 50;

    /** A node that is so few entries behind has caught up: there is always something on its way. */
    private static final long CLOSE_ENTRIES = 1_000;

    private final int kills;
    private final Cluster cluster;
    private final ClusterClient client;
    private final RunClock clock;
    private final Recorder recorder;
    private final Consumer<String> progress;
    private final Random random;
    private final CountDownLatch stop = new CountDownLatch(1);

    public LeaderKills(
            int kills,
            long seed,
            Cluster cluster,
            ClusterClient client,
            RunClock clock,
            Recorder recorder,
            Consumer<String> progress) {
        this.kills = kills;
        this.cluster = cluster;
        this.client = client;
        this.clock = clock;
        this.recorder = recorder;
        this.progress = progress;
        this.random = new Random(seed);
    }

    @Override
    public void run() {
        try {
            for (int kill = 0; kill < kills && awaitHealth() && waits(random.nextInt(MAX_CALM_MILLIS)); kill++) {
                String leader = client.leader();
                if (leader != null) {
                    killOnce(leader);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void killOnce(String leader) throws InterruptedException {
        long startNanos = clock.nowNanos();
        cluster.kill(leader);
        boolean recovered = recorder.awaitWriteInvokedAfter(startNanos, RECOVERY_TIMEOUT_MILLIS);
        progress.accept("killed leader " + leader + "; "
                + (recovered
                        ? "a write was acknowledged after " + (clock.nowNanos() - startNanos) / 1_000_000 + " ms"
                        : "no write was acknowledged within " + RECOVERY_TIMEOUT_MILLIS + " ms"));
        cluster.start(leader);
        recorder.add(new NemesisEvent(KillNemesis.KIND, "leader", List.of(leader), startNanos, clock.nowNanos()));
    }

    /** Returns false if it is time to stop. */
    private boolean awaitHealth() throws InterruptedException {
        while (!isHealthy()) {
            if (!waits(POLL_MILLIS)) {
                return false;
            }
        }
        return true;
    }

    private boolean isHealthy() {
        long newest = 0;
        long oldest = Long.MAX_VALUE;
        for (NodeClient node : client.all()) {
            StatusResponse status = node.status();
            if (status == null || status.getLeader() == 0) {
                return false;
            }
            newest = Math.max(newest, status.getRaftAppliedIndex());
            oldest = Math.min(oldest, status.getRaftAppliedIndex());
        }
        return newest - oldest < CLOSE_ENTRIES;
    }

    private boolean waits(long millis) throws InterruptedException {
        return !stop.await(millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void stop() {
        stop.countDown();
    }
}
