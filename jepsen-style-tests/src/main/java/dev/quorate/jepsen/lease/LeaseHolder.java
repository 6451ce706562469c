package dev.quorate.jepsen.lease;

import com.google.protobuf.ByteString;
import dev.quorate.jepsen.client.NodeClient;
import dev.quorate.jepsen.client.RunClock;
import dev.quorate.jepsen.watch.Watcher;
import dev.quorate.kv.api.LeaseGrantRequest;
import dev.quorate.kv.api.LeaseGrantResponse;
import dev.quorate.kv.api.LeaseRevokeRequest;
import dev.quorate.kv.api.PutRequest;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client that holds one lease after the other: two keys on each, renewed for some seconds, then revoked or left alone. It asks any
 * node, and another one after a failure.
 */
public final class LeaseHolder implements Runnable {

    private static final long TTL_SECONDS = 4;
    private static final int MAX_LIFE_MILLIS = 12_000;
    private static final long PAUSE_MILLIS = 50;

    private final int number;
    private final List<NodeClient> nodes;
    private final RunClock clock;
    private final Random random;
    private final List<LeaseLife> lives = new ArrayList<>(); // the holder's until it has ended
    private final List<String> findings = new ArrayList<>(); // likewise
    private NodeClient node;
    private volatile boolean stopped;

    /** @param number from 0; in the names of its keys */
    public LeaseHolder(int number, List<NodeClient> nodes, RunClock clock, long seed) {
        this.number = number;
        this.nodes = nodes;
        this.clock = clock;
        this.random = new Random(seed);
        this.node = nodes.get(number % nodes.size());
    }

    @Override
    public void run() {
        try {
            while (!stopped) {
                holdOne();
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void holdOne() throws InterruptedException {
        LeaseLife life = grant();
        if (life == null) {
            return;
        }
        lives.add(life);
        attach(life, "a");
        attach(life, "b");
        long end = clock.nowNanos() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(MAX_LIFE_MILLIS));
        while (!stopped && clock.nowNanos() < end && renew(life)) {
            TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(500));
        }
        if (!stopped && random.nextBoolean()) {
            revoke(life);
        }
    }

    private @Nullable LeaseLife grant() {
        long sent = clock.nowNanos();
        try {
            LeaseGrantResponse granted = node.lease()
                    .leaseGrant(
                            LeaseGrantRequest.newBuilder().setTTL(TTL_SECONDS).build());
            return new LeaseLife(granted.getID(), TimeUnit.SECONDS.toNanos(granted.getTTL()), sent);
        } catch (StatusRuntimeException e) {
            move(); // if it was granted all the same, it has no keys, and goes unseen
            return null;
        }
    }

    private void attach(LeaseLife life, String name) {
        String key = String.format(Locale.ROOT, "%s-lease/%d/%016x/%s", Watcher.PREFIX, number, life.id, name);
        try {
            node.kv()
                    .put(PutRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8(key))
                            .setValue(ByteString.copyFromUtf8(name))
                            .setLease(life.id)
                            .build());
            life.keys.add(key);
        } catch (StatusRuntimeException e) {
            move(); // it may be there; nothing is claimed of it
        }
    }

    /** False if there is nothing to renew any more. */
    private boolean renew(LeaseLife life) {
        long sent = clock.nowNanos();
        try {
            long ttl = node.keepAlive(life.id);
            if (ttl > 0) {
                life.lastsUntilNanos = Math.max(life.lastsUntilNanos, sent + TimeUnit.SECONDS.toNanos(ttl));
                return true;
            }
            long now = clock.nowNanos();
            if (now < life.lastsUntilNanos) {
                findings.add(describe(life) + " is said to have ended by "
                        + node.node().name() + " " + (life.lastsUntilNanos - now) / 1_000_000
                        + " ms before it can have");
            }
            return false;
        } catch (StatusRuntimeException e) {
            move();
            return true;
        }
    }

    private void revoke(LeaseLife life) {
        life.revokeSentNanos = clock.nowNanos();
        try {
            life.revokedByRevision = node.lease()
                    .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(life.id).build())
                    .getHeader()
                    .getRevision();
        } catch (StatusRuntimeException e) {
            move(); // it may be revoked, or have ended before, or end later
        }
    }

    private void move() {
        node = nodes.get(random.nextInt(nodes.size()));
    }

    static String describe(LeaseLife life) {
        return String.format(Locale.ROOT, "lease %016x", life.id);
    }

    /** What it held; when it has ended. */
    List<LeaseLife> lives() {
        return lives;
    }

    /** What it found itself; when it has ended. */
    List<String> findings() {
        return findings;
    }

    public void stop() {
        stopped = true;
    }
}
