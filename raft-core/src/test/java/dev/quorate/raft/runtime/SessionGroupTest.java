package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.RaftConfig;
import dev.quorate.raft.RaftRole;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.session.SessionCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A session on three nodes, whose leader goes away, whose members start again from snapshots, and whose answers get lost. */
final class SessionGroupTest {

    private static final List<NodeId> MEMBERS = List.of(NodeId.of("n1"), NodeId.of("n2"), NodeId.of("n3"));
    private static final int SNAPSHOT_EVERY = 15;

    @TempDir
    Path directory;

    private final InMemoryNetwork network = new InMemoryNetwork();
    private final Map<NodeId, InMemoryLog> disks = new HashMap<>();
    private final Map<NodeId, Ledger> ledgers = new HashMap<>();
    private final Map<NodeId, SessionNode<String>> nodes = new ConcurrentHashMap<>();
    private final AtomicInteger tries = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();

    @BeforeEach
    void startAll() throws IOException {
        for (NodeId member : MEMBERS) {
            start(member);
        }
    }

    @AfterEach
    void stopAll() {
        nodes.values().forEach(SessionNode::close);
    }

    private void start(NodeId member) throws IOException {
        RaftConfig config = RaftConfig.builder(member, member.hashCode())
                .electionTimeout(Duration.ofMillis(500))
                .heartbeatInterval(Duration.ofMillis(50))
                .trailingEntries(0)
                .build();
        RaftNode.Options options =
                RaftNode.Options.of(config, Membership.of(MEMBERS), directory.resolve(member.value()));
        Ledger ledger = new Ledger();
        ledgers.put(member, ledger);
        nodes.put(
                member,
                SessionNode.start(
                        TestGroup.snapshotEvery(options, SNAPSHOT_EVERY),
                        disks.computeIfAbsent(member, any -> new InMemoryLog()),
                        network.transport(member),
                        SessionStateMachine.of(ledger, SessionStateMachineTest.TEXT)));
    }

    private NodeId leader() {
        return Await.untilPresent(
                "a leader",
                () -> nodes.entrySet().stream()
                        .filter(each -> each.getValue().node().status().role() == RaftRole.LEADER)
                        .map(Map.Entry::getKey)
                        .findFirst());
    }

    /** At one member after the other; every third answer to a command never arrives, although the command happened. */
    private CompletableFuture<SessionAnswer<String>> propose(byte[] command) {
        List<SessionNode<String>> running = new ArrayList<>(nodes.values());
        int number = tries.getAndIncrement();
        CompletableFuture<SessionAnswer<String>> answer =
                running.get(number % running.size()).node().propose(command);
        if (number % 3 != 0 || !(SessionCommand.decode(command) instanceof SessionCommand.Apply)) {
            return answer;
        }
        lost.incrementAndGet();
        return answer.thenCompose(done -> CompletableFuture.failedFuture(new RaftException.OutcomeUnknown("lost")));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void everyCommandHappensOnceOverLostAnswersChangesOfLeaderSnapshotsAndRestarts() throws IOException {
        ClientSession<String> session = Await.value(ClientSession.open(
                this::propose, ClientSession.Options.DEFAULT.withAttemptTimeout(Duration.ofSeconds(1))));
        List<String> commands = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            if (i == 20 || i == 40) {
                NodeId leader = leader();
                SessionNode<String> stopped = Objects.requireNonNull(nodes.remove(leader));
                CompletableFuture<String> meanwhile = session.propose(bytes("during " + i));
                stopped.close();
                assertEquals((commands.size() + 1) + ":during " + i, Await.value(meanwhile));
                commands.add("during " + i);
                start(leader); // from its newest snapshot and the log behind it
            }
            String command = "c" + i;
            assertEquals((commands.size() + 1) + ":" + command, Await.value(session.propose(bytes(command))));
            commands.add(command);
        }

        assertTrue(lost.get() >= 10, "answers were lost: " + lost);
        for (NodeId member : MEMBERS) {
            Ledger ledger = Objects.requireNonNull(ledgers.get(member));
            Await.until(member + " has applied all", () -> ledger.commands().equals(commands));
        }
    }
}
