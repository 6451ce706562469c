package dev.quorate.raft;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.model.SnapshotMeta;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Members in one thread, with a network and disks that do what a test says. Time stands still until it is moved. */
final class TestCluster {

    static final long ELECTION = Duration.ofSeconds(1).toNanos();
    static final long HEARTBEAT = Duration.ofMillis(100).toNanos();

    /** One member with all that its driver keeps for it. */
    final class Node {
        final NodeId id;
        final long incarnation;
        final List<Entry> disk = new ArrayList<>();
        final ArrayDeque<Persist> pending = new ArrayDeque<>();
        final List<Entry> applied = new ArrayList<>();
        final List<Output> outputs = new ArrayList<>();
        final List<Message> sent = new ArrayList<>();
        HardState hardState = HardState.INITIAL;
        SnapshotMeta base;
        boolean diskWorks = true;
        boolean damaged;
        int repairs;
        long clockLead;
        Raft raft;
        Invariants invariants;

        Node(NodeId id, Membership membership) {
            this.id = id;
            this.incarnation = 1;
            this.base = new SnapshotMeta(EntryId.ZERO, membership);
            this.raft =
                    new Raft(config(id), new Recovered(1, hardState, base, List.of(), List.of(), 0, List.of()), 0, now);
            this.invariants = new Invariants(raft);
        }

        boolean leads() {
            return raft.status().role() == RaftRole.LEADER;
        }

        List<String> appliedCommands() {
            return applied.stream()
                    .filter(entry -> entry.type() == Entry.Type.COMMAND)
                    .map(entry -> new String(entry.payload(), java.nio.charset.StandardCharsets.UTF_8))
                    .toList();
        }

        long lastDiskIndex() {
            return disk.isEmpty() ? base.index() : disk.get(disk.size() - 1).index();
        }

        /** Starts again without the entries from this one on, which cannot be read any more. */
        void loseFrom(long index) {
            disk.removeIf(entry -> entry.index() >= index);
            applied.removeIf(entry -> entry.index() >= index);
            damaged = true;
            crash();
        }

        /** Forgets what is not on disk and starts again. */
        void crash() {
            pending.clear();
            network.removeIf(message -> message.from().equals(id));
            List<Recovered.TermRun> runs = new ArrayList<>();
            List<Entry> memberships = new ArrayList<>();
            for (Entry entry : disk) {
                if (runs.isEmpty() || runs.get(runs.size() - 1).term() != entry.term()) {
                    runs.add(new Recovered.TermRun(entry.index(), entry.term()));
                }
                if (entry.type() == Entry.Type.MEMBERSHIP) {
                    memberships.add(entry);
                }
            }
            long appliedIndex = Math.max(
                    base.index(),
                    applied.isEmpty() ? 0 : applied.get(applied.size() - 1).index());
            raft = new Raft(
                    config(id),
                    new Recovered(incarnation + 1, hardState, base, runs, memberships, lastDiskIndex(), disk, damaged),
                    appliedIndex,
                    now + clockLead);
            invariants = new Invariants(raft);
        }
    }

    final Map<NodeId, Node> nodes = new TreeMap<>();
    final ArrayDeque<Message> network = new ArrayDeque<>();
    final Set<String> cut = new HashSet<>();
    Predicate<Message> filter = message -> true;
    long now;
    private final RaftConfig.Builder template;

    TestCluster(int size) {
        this(size, RaftConfig.builder(NodeId.of("template"), 0));
    }

    TestCluster(int size, RaftConfig.Builder template) {
        this.template =
                template.electionTimeout(Duration.ofNanos(ELECTION)).heartbeatInterval(Duration.ofNanos(HEARTBEAT));
        List<NodeId> ids =
                IntStream.rangeClosed(1, size).mapToObj(i -> NodeId.of("n" + i)).toList();
        Membership membership = Membership.of(ids);
        ids.forEach(id -> nodes.put(id, new Node(id, membership)));
    }

    private RaftConfig config(NodeId id) {
        RaftConfig t = template.build();
        return new RaftConfig(
                id,
                id.value().hashCode(),
                t.electionTimeoutNanos(),
                t.heartbeatIntervalNanos(),
                t.maxAppendBytes(),
                t.maxAppendEntries(),
                t.maxInflightBatches(),
                t.maxInflightAppends(),
                t.maxInflightBytes(),
                t.maxUncommittedBytes(),
                t.maxPendingReads(),
                t.maxWindowBytes(),
                t.trailingEntries(),
                t.diskHangNanos(),
                t.forwardProposals(),
                0,
                t.maxClockDrift());
    }

    /** One more node, which has been told of no group. */
    Node join(int number) {
        NodeId id = NodeId.of("n" + number);
        Node node = new Node(id, Membership.EMPTY);
        nodes.put(id, node);
        return node;
    }

    Node node(int number) {
        return java.util.Objects.requireNonNull(nodes.get(NodeId.of("n" + number)));
    }

    /** Makes this member the leader, by letting only its clock run. */
    Node elect(int number) {
        Node node = node(number);
        long limit = node.clockLead + 5 * ELECTION;
        while (!node.leads()) {
            node.clockLead += HEARTBEAT;
            if (node.clockLead > limit) {
                throw new AssertionError(node.id + " was not elected: " + node.raft.status());
            }
            node.raft.tick(now + node.clockLead);
            settle();
        }
        return node;
    }

    /** Lets time pass for everybody, a heartbeat at a time. */
    void pass(long nanos) {
        long end = now + nanos;
        while (now < end) {
            now += HEARTBEAT;
            // One after the other: two that act at the very same moment split the vote, and a test would depend on the
            // draws.
            for (Node each : nodes.values()) {
                each.raft.tick(now + each.clockLead);
                settle();
            }
        }
    }

    /** Does everything that can be done without time passing. */
    void settle() {
        boolean busy = true;
        while (busy) {
            busy = false;
            for (Node node : nodes.values()) {
                busy |= step(node);
            }
            for (Message message = network.poll(); message != null; message = network.poll()) {
                busy = true;
                deliver(message);
            }
        }
    }

    void deliver(Message message) {
        Node to = nodes.get(message.to());
        if (to != null && filter.test(message) && !cut.contains(message.from() + ">" + message.to())) {
            to.raft.receive(message);
        }
    }

    private boolean step(Node node) {
        return carryOut(node, node.raft.takeOutput());
    }

    /** Does what a member wants done. Returns true if there was anything. */
    boolean carryOut(Node node, Output output) {
        node.outputs.add(output);
        node.invariants.check();
        send(node, output.send());
        if (output.persist() != null) {
            node.pending.add(output.persist());
        }
        if (output.apply() != null) {
            apply(node, output.apply());
        }
        for (Output.Fetch fetch : output.fetch()) {
            fetch(node, fetch);
        }
        boolean wrote = node.diskWorks && !node.pending.isEmpty();
        if (node.diskWorks) {
            for (Persist persist = node.pending.poll(); persist != null; persist = node.pending.poll()) {
                write(node, persist);
            }
        }
        return wrote
                || !output.send().isEmpty()
                || output.apply() != null
                || !output.fetch().isEmpty();
    }

    private void send(Node node, List<Message> messages) {
        node.sent.addAll(messages);
        network.addAll(messages);
    }

    void write(Node node, Persist persist) {
        if (persist.resetTo() != null) {
            node.disk.clear();
            node.base = persist.resetTo();
        }
        if (!persist.entries().isEmpty()) {
            long from = persist.entries().get(0).index();
            node.disk.removeIf(entry -> entry.index() >= from);
            node.disk.addAll(persist.entries());
        }
        SnapshotMeta through = persist.compactThrough();
        if (through != null) {
            node.disk.removeIf(entry -> entry.index() <= through.index());
            node.base = through;
        }
        if (persist.hardState() != null) {
            node.hardState = persist.hardState();
        }
        if (persist.repaired()) {
            node.damaged = false;
            node.repairs++;
        }
        send(node, persist.unlocks());
        node.raft.persisted(persist.mark());
    }

    private void apply(Node node, Output.Apply apply) {
        long next = Math.max(
                node.base.index(),
                node.applied.isEmpty()
                        ? 0
                        : node.applied.get(node.applied.size() - 1).index());
        for (Entry entry : node.disk) {
            if (entry.index() > next && entry.index() <= apply.lastIndex()) {
                node.applied.add(entry);
            }
        }
        node.raft.applied(apply.lastIndex());
    }

    private void fetch(Node node, Output.Fetch fetch) {
        List<Entry> entries = node.disk.stream()
                .filter(entry -> entry.index() >= fetch.fromIndex() && entry.index() <= fetch.toIndex())
                .toList();
        if (entries.isEmpty()) {
            node.raft.fetchFailed(fetch);
        } else {
            node.raft.fetched(fetch, entries);
        }
    }

    void isolate(int number) {
        nodes.keySet().forEach(other -> {
            cut.add("n" + number + ">" + other);
            cut.add(other + ">n" + number);
        });
    }

    void heal() {
        cut.clear();
    }

    static byte[] bytes(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }
}
