package dev.quorate.raft.runtime;

import static dev.quorate.raft.runtime.TestGroup.N1;
import static dev.quorate.raft.runtime.TestGroup.N2;
import static dev.quorate.raft.runtime.TestGroup.N3;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.NodeId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that write while nodes are cut off, lose their power and come back; then everything is counted. */
final class FaultsTest {

    private static final List<NodeId> ALL = List.of(N1, N2, N3);
    private static final int CLIENTS = 4;
    /** More of them, and others: {@code -Dtest.jvm.args="-Dfaults.count=200 -Dfaults.seed=7"}. */
    private static final int FAULTS = Integer.getInteger("faults.count", 10);

    private static final long SEED = Long.getLong("faults.seed", 42);
    /** How much has to be acknowledged before the next fault. */
    private static final int PROGRESS = 100;

    @TempDir
    Path directory;

    private final Map<NodeId, RaftNode<String>> running = new ConcurrentHashMap<>();
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final AtomicInteger unknown = new AtomicInteger();
    private volatile boolean ends;

    @Test
    void whatWasAcknowledgedIsThereOnceAndWhatWasRefusedIsNot() throws Exception {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3)
                .tuned(config -> config.trailingEntries(20).forwardProposals(true))
                .with(plain -> TestGroup.snapshotEvery(TestGroup.timeout(plain, Duration.ofMillis(500)), 50)
                        .withLeaderWait(Duration.ofMillis(20)))) {
            for (NodeId id : ALL) {
                running.put(id, group.start(id));
            }
            Thread[] clients = new Thread[CLIENTS];
            for (int i = 0; i < CLIENTS; i++) {
                String name = "client" + i;
                clients[i] = new Thread(() -> write(name, new Random(name.hashCode())), name);
                clients[i].start();
            }

            Random random = new Random(SEED);
            for (int i = 0; i < FAULTS; i++) {
                awaitProgress();
                fault(group, random);
            }
            awaitProgress();
            ends = true;
            for (Thread client : clients) {
                client.join();
            }

            count(group);
        }
    }

    private void fault(TestGroup group, Random random) throws IOException {
        NodeId victim = ALL.get(random.nextInt(ALL.size()));
        if (random.nextBoolean()) {
            group.network.isolate(victim);
            awaitProgress();
            group.network.heal();
        } else {
            running.remove(victim);
            group.disk(victim).crash();
            group.stop(victim);
            awaitProgress();
            running.put(victim, group.start(victim));
        }
    }

    private void awaitProgress() {
        int goal = acknowledged.size() + PROGRESS;
        Await.until(PROGRESS + " more writes", () -> acknowledged.size() >= goal);
    }

    /** Each command is unique and proposed once, so that doing it twice would show. */
    private void write(String name, Random random) {
        for (int i = 0; !ends; i++) {
            RaftNode<String> node = running.get(ALL.get(random.nextInt(ALL.size())));
            if (node == null) {
                continue;
            }
            String command = name + "-" + i;
            try {
                node.propose(command.getBytes(StandardCharsets.UTF_8)).get(20, TimeUnit.SECONDS);
                acknowledged.add(command);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RaftException why && why.isDefinite()) {
                    refused.add(command);
                    LockSupport.parkNanos(1_000_000);
                } else {
                    unknown.incrementAndGet();
                }
            } catch (InterruptedException | TimeoutException e) {
                throw new AssertionError(command + " was never answered", e);
            }
        }
    }

    private void count(TestGroup group) {
        group.put("last");
        for (NodeId id : ALL) {
            Await.until(id + " to catch up", () -> group.ledger(id).commands().contains("last"));
        }
        List<String> commands = group.ledger(group.leader()).commands();
        Set<String> distinct = new HashSet<>(commands);
        assertEquals(commands.size(), distinct.size(), "a command was applied twice");
        assertTrue(distinct.containsAll(acknowledged), () -> "lost: " + without(acknowledged, distinct));
        refused.retainAll(distinct);
        assertEquals(Set.of(), refused, "these were refused for sure and applied all the same");
        for (NodeId id : ALL) {
            assertEquals(commands, group.ledger(id).commands());
        }
        assertFalse(acknowledged.isEmpty());
    }

    private static Set<String> without(Set<String> all, Set<String> present) {
        Set<String> missing = new HashSet<>(all);
        missing.removeAll(present);
        return missing;
    }
}
