package dev.quorate.raft;

import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.MembershipChange.AddLearner;
import dev.quorate.raft.model.MembershipChange.AddVoter;
import dev.quorate.raft.model.MembershipChange.Demote;
import dev.quorate.raft.model.MembershipChange.Promote;
import dev.quorate.raft.model.MembershipChange.Remove;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Plays the commands of a transcript with real members. Between two commands everything stands still: messages wait in the
 * network until they are delivered, and time moves only when a command says so. {@code transcripts/README.md} has the
 * commands.
 */
final class Stage {

    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int MOST_MESSAGES = 10_000;

    /** How much is told. */
    private enum Detail {
        EVERYTHING,
        /** Not the messages, not the writes, and not who has lost a leader or looks for one. */
        OUTCOMES,
        LEADERS
    }

    private final List<String> told = new ArrayList<>();
    private final Map<NodeId, SnapshotMeta> installing = new HashMap<>();
    private TestCluster cluster = new TestCluster(1);
    private Detail detail = Detail.EVERYTHING;
    private long requests;

    /** Plays one command. Returns what it led to, a line each. */
    List<String> play(String line) {
        told.clear();
        List<String> words = new ArrayList<>(Arrays.asList(line.trim().split("\\s+")));
        String command = words.remove(0);
        try {
            play(command, words);
        } catch (IndexOutOfBoundsException | NumberFormatException | NullPointerException e) {
            throw new IllegalArgumentException("\"" + line + "\": a word is missing, or is none that is known", e);
        }
        flush();
        return List.copyOf(told);
    }

    private void play(String command, List<String> words) {
        switch (command) {
            case "group" -> group(words);
            case "join" -> cluster.join(number(words, 0));
            case "campaign" -> campaign(node(words, 0));
            case "elect" -> elect(node(words, 0));
            case "propose" ->
                node(words, 0)
                        .raft
                        .propose(
                                requests + 1,
                                words.stream()
                                        .skip(1)
                                        .peek(word -> requests++)
                                        .map(TestCluster::bytes)
                                        .toList());
            case "read" -> read(node(words, 0), words.get(1));
            case "transfer" -> node(words, 0).raft.transferLeadership(++requests, node(words, 1).id);
            case "change" -> node(words, 0).raft.changeMembership(++requests, change(words.subList(1, words.size())));
            case "deliver" -> deliver(words);
            case "settle" -> settle();
            case "drop" -> drop(words);
            case "repeat" ->
                cluster.network.addAll(
                        cluster.network.stream().filter(meant(words)).toList());
            case "silence" -> silence();
            case "waiting" -> cluster.network.forEach(message -> told.add(Words.of(message)));
            case "cut" -> cluster.isolate(number(words, 0));
            case "heal" -> cluster.heal();
            case "tick" -> tick(node(words, 0), Long.parseLong(words.get(1)));
            case "pass" -> pass(Long.parseLong(words.get(0)));
            case "disk" -> node(words, 0).diskWorks = !words.get(1).equals("hangs");
            case "crash" -> crash(node(words, 0));
            case "snapshot" -> snapshot(node(words, 0));
            case "install" -> install(node(words, 0));
            case "status" -> cluster.nodes.values().forEach(this::status);
            case "log" -> {
                if (words.isEmpty()) {
                    cluster.nodes.values().forEach(this::log);
                } else {
                    log(node(words, 0));
                }
            }
            default -> throw new IllegalArgumentException("\"" + command + "\" is no command");
        }
    }

    // ---- members --------------------------------------------------------------------------------------------------

    private void group(List<String> words) {
        RaftConfig.Builder config = RaftConfig.builder(NodeId.of("template"), 0).trailingEntries(0);
        if (words.contains("leases")) {
            config.maxClockDrift(0.25);
        }
        cluster = new TestCluster(number(words, 0), config);
        requests = 0;
    }

    /** Only this member's clock runs, until it asks for votes; not for long if it does not. */
    private void campaign(TestCluster.Node node) {
        boolean asks = false;
        for (int i = 0; i < 50 && !asks; i++) {
            tick(node, TestCluster.HEARTBEAT / NANOS_PER_MILLI);
            flush();
            asks = cluster.network.stream()
                    .anyMatch(message -> message.from().equals(node.id) && message instanceof Message.PreVote);
        }
    }

    private void elect(TestCluster.Node node) {
        detail = Detail.LEADERS;
        campaign(node);
        deliver(List.of());
        detail = Detail.EVERYTHING;
    }

    /** Whoever follows has not heard its leader for an election timeout. It does not act on that yet. */
    private void silence() {
        for (TestCluster.Node node : cluster.nodes.values()) {
            if (!node.leads()) {
                node.clockLead += TestCluster.ELECTION;
                node.raft.clock(cluster.now + node.clockLead);
            }
        }
    }

    private void crash(TestCluster.Node node) {
        node.crash();
        told.add(node.id + " starts again with what is on its disk: term " + node.hardState.term() + ", log up to "
                + node.raft.status().lastIndex());
    }

    private void snapshot(TestCluster.Node node) {
        RaftStatus status = node.raft.status();
        EntryId applied = node.applied.get(node.applied.size() - 1).id();
        node.raft.snapshotTaken(new SnapshotMeta(applied, status.membership()));
        told.add(node.id + " has taken snapshot " + applied);
    }

    private void install(TestCluster.Node node) {
        SnapshotMeta snapshot = Objects.requireNonNull(installing.remove(node.id), "nothing was offered");
        node.raft.snapshotInstalled(snapshot);
        told.add(node.id + " has installed snapshot " + snapshot.lastIncluded());
    }

    private void read(TestCluster.Node node, String consistency) {
        ReadConsistency wanted = switch (consistency) {
            case "linearizable" -> ReadConsistency.LINEARIZABLE;
            case "lease" -> ReadConsistency.LEASE;
            case "local" -> ReadConsistency.LOCAL;
            default -> throw new IllegalArgumentException("\"" + consistency + "\" is no read consistency");
        };
        node.raft.read(++requests, wanted);
    }

    private static MembershipChange change(List<String> words) {
        List<MembershipChange.Step> steps = new ArrayList<>();
        for (int i = 0; i < words.size(); i += 2) {
            NodeId member = NodeId.of("n" + words.get(i + 1));
            steps.add(
                    switch (words.get(i)) {
                        case "add" -> new AddVoter(member, "host-" + member);
                        case "learner" -> new AddLearner(member, "host-" + member);
                        case "promote" -> new Promote(member);
                        case "demote" -> new Demote(member);
                        case "remove" -> new Remove(member);
                        default ->
                            throw new IllegalArgumentException("\"" + words.get(i) + "\" is no step of a change");
                    });
        }
        return new MembershipChange(steps, false);
    }

    // ---- messages and time ----------------------------------------------------------------------------------------

    /** Without words: everything, and what it leads to, until nothing waits. */
    private void deliver(List<String> words) {
        flush();
        if (words.isEmpty()) {
            for (int i = 0; !cluster.network.isEmpty(); i++) {
                if (i == MOST_MESSAGES) {
                    throw new IllegalStateException("the members do not stop talking");
                }
                deliver(cluster.network.remove());
            }
        } else {
            take(words).forEach(this::deliver);
        }
    }

    private void settle() {
        detail = Detail.OUTCOMES;
        deliver(List.of());
        detail = Detail.EVERYTHING;
    }

    private void deliver(Message message) {
        boolean isCut = cluster.cut.contains(message.from() + ">" + message.to());
        tellInFull(Words.of(message) + (isCut ? "   lost" : ""));
        cluster.deliver(message);
        flush();
    }

    private void drop(List<String> words) {
        flush();
        take(words).forEach(message -> told.add(Words.of(message) + "   lost"));
    }

    /** Only what waits already. */
    private List<Message> take(List<String> words) {
        Predicate<Message> isMeant = meant(words);
        List<Message> taken = cluster.network.stream().filter(isMeant).toList();
        cluster.network.removeIf(isMeant);
        return taken;
    }

    /** The messages of a kind, from a member, or to one; without words, all. */
    private Predicate<Message> meant(List<String> words) {
        Predicate<Message> isMeant = message -> true;
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            isMeant = isMeant.and(
                    switch (word) {
                        case "from" -> isFrom(node(words, ++i).id);
                        case "to" -> isTo(node(words, ++i).id);
                        default -> message -> message.getClass().getSimpleName().equals(word);
                    });
        }
        return isMeant;
    }

    private static Predicate<Message> isFrom(NodeId member) {
        return message -> message.from().equals(member);
    }

    private static Predicate<Message> isTo(NodeId member) {
        return message -> message.to().equals(member);
    }

    private void tick(TestCluster.Node node, long millis) {
        node.clockLead += millis * NANOS_PER_MILLI;
        node.raft.tick(cluster.now + node.clockLead);
    }

    /** Time for everybody, with everything delivered at once; told is only what changes. */
    private void pass(long millis) {
        detail = Detail.OUTCOMES;
        long end = cluster.now + millis * NANOS_PER_MILLI;
        while (cluster.now < end) {
            cluster.now += TestCluster.HEARTBEAT;
            for (TestCluster.Node node : cluster.nodes.values()) {
                node.raft.tick(cluster.now + node.clockLead);
                deliver(List.of());
            }
        }
        detail = Detail.EVERYTHING;
    }

    /** Does what the members want done, and tells it. */
    private void flush() {
        boolean isBusy = true;
        while (isBusy) {
            isBusy = false;
            for (TestCluster.Node node : cluster.nodes.values()) {
                Output output = node.raft.takeOutput();
                Words.of(node.id, output).forEach(line -> {
                    if (isToldOf(line)) {
                        told.add("  " + line);
                    }
                });
                if (output.install() != null) {
                    installing.put(node.id, output.install().snapshot());
                }
                isBusy |= cluster.carryOut(node, output);
            }
        }
    }

    private boolean isToldOf(String line) {
        return switch (detail) {
            case EVERYTHING -> true;
            case OUTCOMES -> !line.contains(" writes ") && !line.contains(" nobody ") && !line.contains(" candidate");
            case LEADERS -> line.contains(" leads ");
        };
    }

    private void tellInFull(String line) {
        if (detail == Detail.EVERYTHING) {
            told.add(line);
        }
    }

    // ---- what is to be seen ---------------------------------------------------------------------------------------

    private void status(TestCluster.Node node) {
        RaftStatus status = node.raft.status();
        told.add(node.id + "  " + status.role() + " in term " + status.term() + ", leader "
                + (status.leader() == null ? "unknown" : status.leader()) + ", last " + status.lastIndex() + ", commit "
                + status.commitIndex() + ", applied " + status.appliedIndex());
    }

    private void log(TestCluster.Node node) {
        RaftStatus status = node.raft.status();
        String start = status.firstIndex() == 1 ? "" : "(from " + status.firstIndex() + " on) ";
        told.add(node.id + "  " + start + Words.entries(node.disk));
    }

    private TestCluster.Node node(List<String> words, int at) {
        return cluster.node(number(words, at));
    }

    private static int number(List<String> words, int at) {
        return Integer.parseInt(words.get(at));
    }
}
