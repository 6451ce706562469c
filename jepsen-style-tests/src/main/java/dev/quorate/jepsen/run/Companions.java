package dev.quorate.jepsen.run;

import com.google.protobuf.ByteString;
import dev.quorate.jepsen.client.ClusterClient;
import dev.quorate.jepsen.client.NodeClient;
import dev.quorate.jepsen.client.RunClock;
import dev.quorate.jepsen.history.History;
import dev.quorate.jepsen.lease.LeaseChecker;
import dev.quorate.jepsen.lease.LeaseHolder;
import dev.quorate.jepsen.watch.Change;
import dev.quorate.jepsen.watch.Sighting;
import dev.quorate.jepsen.watch.WatchChecker;
import dev.quorate.jepsen.watch.Watcher;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The watchers and the holders of leases beside the clients of a run, and the judgement of what they saw. */
final class Companions {

    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final ChaosRun.Options options;
    private final ClusterClient client;
    private final RunClock clock;
    private final List<Watcher> watchers = new ArrayList<>();
    private final List<LeaseHolder> holders = new ArrayList<>();
    private final List<Thread> watching = new ArrayList<>();
    private final List<Thread> holding = new ArrayList<>();
    private long lastRevision;

    Companions(ChaosRun.Options options, ClusterClient client, RunClock clock) {
        this.options = options;
        this.client = client;
        this.clock = clock;
    }

    /** Each watcher begins at another node; every other one with the first revision, the others with what happens now. */
    void start() {
        for (int i = 0; i < options.companions().watchers(); i++) {
            List<NodeClient> nodes = new ArrayList<>(client.all());
            Collections.rotate(nodes, -i);
            Watcher watcher = new Watcher("watcher " + i, nodes, i % 2 == 0 ? 1 : 0, clock);
            watchers.add(watcher);
            watching.add(begin(watcher, "chaos-watcher-" + i));
        }
        for (int i = 0; i < options.companions().leaseHolders(); i++) {
            LeaseHolder holder = new LeaseHolder(i, client.all(), clock, options.seed() * 37 + i);
            holders.add(holder);
            holding.add(begin(holder, "chaos-lease-" + i));
        }
    }

    private static Thread begin(Runnable companion, String name) {
        Thread thread = new Thread(companion, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** No more leases are asked for. Whoever holds one leaves it alone. */
    void letGo() throws InterruptedException {
        holders.forEach(LeaseHolder::stop);
        for (Thread thread : holding) {
            thread.join();
        }
    }

    /**
     * Waits until all leases have ended and all watchers are up to date, all faults being healed, and judges.
     *
     * @return a line for each finding
     */
    List<String> judge(History history, LastReads reads) throws InterruptedException {
        List<String> findings = new ArrayList<>();
        try {
            Set<String> keys = LeaseChecker.keys(holders);
            await(() -> keys.stream().noneMatch(this::isThere)); // else the checker says what is still there
            lastRevision = markTheEnd();
            await(() -> watchers.stream().allMatch(watcher -> watcher.hasSeen(lastRevision)));
            List<Change> changes = changesOfAll(findings);
            findings.addAll(reads.compareHashes(lastRevision));
            findings.addAll(WatchChecker.checkHistory(history, changes));
            List<Sighting> sightings = new ArrayList<>();
            for (Watcher watcher : watchers) {
                findings.addAll(watcher.complaints());
                findings.addAll(WatchChecker.checkWatcher(watcher.name(), watcher.sightings(), changes));
                sightings.addAll(watcher.sightings());
            }
            findings.addAll(LeaseChecker.check(
                    holders, sightings, changes, options.companions().judgesTime()));
        } catch (StatusRuntimeException e) {
            findings.add("a healed cluster does not answer: " + e.getStatus());
        } finally {
            stop();
        }
        return findings;
    }

    private boolean isThere(String key) {
        return client.all()
                        .get(0)
                        .range(RangeRequest.newBuilder()
                                .setKey(ByteString.copyFromUtf8(key))
                                .setCountOnly(true)
                                .build())
                        .getCount()
                > 0;
    }

    /** The last change of all. */
    private long markTheEnd() {
        return client.all()
                .get(0)
                .kv()
                .put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(Watcher.PREFIX + "-end"))
                        .setValue(ByteString.copyFromUtf8("end"))
                        .build())
                .getHeader()
                .getRevision();
    }

    /** What has happened from the first revision on, as every node tells it: the same, one hopes. */
    private List<Change> changesOfAll(List<String> findings) throws InterruptedException {
        List<Watcher> readers = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (NodeClient node : client.all()) {
            Watcher reader = new Watcher(node.node().name(), List.of(node), 1, clock);
            readers.add(reader);
            threads.add(begin(reader, "chaos-reader-" + node.node().name()));
        }
        await(() -> readers.stream().allMatch(reader -> reader.hasSeen(lastRevision)));
        readers.forEach(Watcher::stop);
        for (Thread thread : threads) {
            thread.join();
        }
        List<List<Change>> changes = new ArrayList<>();
        for (Watcher reader : readers) {
            changes.add(reader.sightings().stream().map(Sighting::change).toList());
            findings.addAll(reader.complaints());
        }
        findings.addAll(WatchChecker.checkChanges(readers.get(0).name(), changes.get(0)));
        for (int i = 1; i < readers.size(); i++) {
            findings.addAll(WatchChecker.checkSame(
                    readers.get(0).name(), changes.get(0), readers.get(i).name(), changes.get(i)));
        }
        return changes.get(0);
    }

    private void await(BooleanSupplier condition) {
        long deadlineNanos = clock.nowNanos() + options.recoveryTimeout().toNanos();
        while (!condition.getAsBoolean() && clock.nowNanos() < deadlineNanos) {
            LockSupport.parkNanos(STEP_NANOS);
        }
    }

    /** Ends all that is left; may be called again. */
    void stop() throws InterruptedException {
        holders.forEach(LeaseHolder::stop);
        watchers.forEach(Watcher::stop);
        for (Thread thread : watching) {
            thread.join();
        }
        for (Thread thread : holding) {
            thread.join();
        }
    }

    /** One line for people. */
    String describe() {
        long seen = watchers.stream()
                .mapToLong(watcher -> watcher.sightings().size())
                .sum();
        return watchers.size() + " watchers saw " + seen + " changes; " + holders.size() + " holders held "
                + LeaseChecker.count(holders) + " leases";
    }
}
