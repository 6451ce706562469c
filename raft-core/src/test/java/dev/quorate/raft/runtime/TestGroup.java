package dev.quorate.raft.runtime;

import dev.quorate.raft.RaftConfig;
import dev.quorate.raft.RaftRole;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Real nodes with real threads on in-memory disks and an in-memory network. */
final class TestGroup implements AutoCloseable {

    static final NodeId N1 = NodeId.of("n1");
    static final NodeId N2 = NodeId.of("n2");
    static final NodeId N3 = NodeId.of("n3");

    final InMemoryNetwork network = new InMemoryNetwork();
    final Map<NodeId, InMemoryLog> disks = new TreeMap<>();
    final Map<NodeId, Ledger> ledgers = new TreeMap<>();
    final Map<NodeId, RaftNode<String>> nodes = new TreeMap<>();

    private final List<NodeId> members;
    private final Path directory;
    private UnaryOperator<RaftConfig.Builder> tuning = UnaryOperator.identity();
    private UnaryOperator<RaftNode.Options> options = UnaryOperator.identity();
    private Function<NodeId, DurableLog> logs = this::disk;

    private TestGroup(Path directory, NodeId... members) {
        this.directory = directory;
        this.members = List.of(members);
    }

    static TestGroup of(Path directory, NodeId... members) {
        return new TestGroup(directory, members);
    }

    TestGroup tuned(UnaryOperator<RaftConfig.Builder> change) {
        tuning = change;
        return this;
    }

    TestGroup with(UnaryOperator<RaftNode.Options> change) {
        options = change;
        return this;
    }

    /** Nodes write to these logs instead of plain in-memory disks. */
    TestGroup onLogs(Function<NodeId, DurableLog> other) {
        logs = other;
        return this;
    }

    static RaftNode.Options snapshotEvery(RaftNode.Options options, long entries) {
        return new RaftNode.Options(
                options.raft(),
                options.initialMembership(),
                options.directory(),
                options.mailboxCapacity(),
                options.maxCommandBytes(),
                options.requestTimeout(),
                entries,
                options.leaderWait());
    }

    static RaftNode.Options timeout(RaftNode.Options options, Duration timeout) {
        return new RaftNode.Options(
                options.raft(),
                options.initialMembership(),
                options.directory(),
                options.mailboxCapacity(),
                options.maxCommandBytes(),
                timeout,
                options.snapshotEveryEntries(),
                options.leaderWait());
    }

    TestGroup startAll() throws IOException {
        for (NodeId id : members) {
            start(id);
        }
        return this;
    }

    RaftNode<String> start(NodeId id) throws IOException {
        return start(id, Membership.of(members));
    }

    /** One more node, which waits to be added. */
    RaftNode<String> join(NodeId id) throws IOException {
        return start(id, Membership.EMPTY);
    }

    private RaftNode<String> start(NodeId id, Membership initial) throws IOException {
        RaftConfig.Builder config = RaftConfig.builder(id, id.hashCode())
                .electionTimeout(Duration.ofMillis(500)) // a busy machine stops for a while now and then
                .heartbeatInterval(Duration.ofMillis(50));
        RaftNode.Options plain =
                RaftNode.Options.of(tuning.apply(config).build(), initial, directory.resolve(id.value()));
        Ledger ledger = new Ledger();
        RaftNode<String> node = RaftNode.start(options.apply(plain), logs.apply(id), network.transport(id), ledger);
        ledgers.put(id, ledger);
        nodes.put(id, node);
        return node;
    }

    InMemoryLog disk(NodeId id) {
        return disks.computeIfAbsent(id, any -> new InMemoryLog());
    }

    /** Closes a node; its disk and its directory stay. */
    void stop(NodeId id) {
        node(id).close();
        nodes.remove(id);
    }

    RaftNode<String> node(NodeId id) {
        RaftNode<String> node = nodes.get(id);
        if (node == null) {
            throw new AssertionError(id + " does not run");
        }
        return node;
    }

    Ledger ledger(NodeId id) {
        Ledger ledger = ledgers.get(id);
        if (ledger == null) {
            throw new AssertionError(id + " never ran");
        }
        return ledger;
    }

    /** The leader that most of the running nodes follow; waits for it. */
    NodeId leader() {
        return Await.untilPresent(
                "a leader",
                () -> nodes.entrySet().stream()
                        .filter(each -> each.getValue().status().role() == RaftRole.LEADER)
                        .map(Map.Entry::getKey)
                        .filter(this::isFollowed)
                        .findFirst());
    }

    private boolean isFollowed(NodeId leader) {
        long followers = nodes.values().stream()
                .filter(node -> leader.equals(node.status().leader()))
                .count();
        return followers * 2 > members.size();
    }

    NodeId follower() {
        NodeId leader = leader();
        return Await.untilPresent(
                "a follower",
                () -> nodes.entrySet().stream()
                        .filter(each -> leader.equals(each.getValue().status().leader()))
                        .map(Map.Entry::getKey)
                        .filter(id -> !id.equals(leader))
                        .findFirst());
    }

    CompletableFuture<String> propose(NodeId id, String command) {
        return node(id).propose(command.getBytes(StandardCharsets.UTF_8));
    }

    /** Proposes at the leader, again as long as the answer is a definite failure. */
    String put(String command) {
        return put(this::leader, command);
    }

    String put(Supplier<NodeId> where, String command) {
        return Await.untilPresent("the command " + command, () -> {
            CompletableFuture<String> answer = propose(where.get(), command);
            return answer.handle((result, failure) -> failure == null ? Optional.of(result) : Optional.<String>empty())
                    .join();
        });
    }

    List<String> putAll(String prefix, int count) {
        List<String> commands = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            commands.add(prefix + i);
            put(prefix + i);
        }
        return commands;
    }

    void awaitLedger(NodeId id, List<String> commands) {
        Await.until(
                id + " to hold " + commands.size() + " commands",
                () -> ledger(id).size() >= commands.size());
        org.junit.jupiter.api.Assertions.assertEquals(commands, ledger(id).commands());
    }

    @Override
    public void close() {
        disks.values().forEach(InMemoryLog::releaseSyncs);
        nodes.values().forEach(RaftNode::close);
    }
}
