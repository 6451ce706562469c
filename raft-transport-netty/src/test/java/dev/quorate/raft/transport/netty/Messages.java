package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Any message that a member can send. */
final class Messages {

    static final NodeId FROM = NodeId.of("n1");
    static final NodeId TO = NodeId.of("n2");

    private Messages() {}

    static Arbitrary<Message> any() {
        return Arbitraries.oneOf(kinds());
    }

    /** One generator for each kind of message. */
    static List<Arbitrary<Message>> kinds() {
        Arbitrary<Long> n = numbers();
        Arbitrary<Message.ReadIndexResult.Outcome> outcome = Arbitraries.of(Message.ReadIndexResult.Outcome.class);
        Arbitrary<Boolean> b = Arbitraries.of(true, false);
        Arbitrary<Integer> count = Arbitraries.integers().greaterOrEqual(0);
        return List.of(
                Combinators.combine(n, n, n, n).as((t, c, i, l) -> new Message.PreVote(FROM, TO, t, c, i, l)),
                Combinators.combine(n, n, b).as((t, c, g) -> new Message.PreVoteResult(FROM, TO, t, c, g)),
                Combinators.combine(n, n, n, b).as((t, i, l, x) -> new Message.RequestVote(FROM, TO, t, i, l, x, 0)),
                Combinators.combine(n, b).as((t, g) -> new Message.RequestVoteResult(FROM, TO, t, g)),
                appendEntries(),
                Combinators.combine(n, n).as((t, m) -> new Message.AppendEntriesAccepted(FROM, TO, t, m)),
                Combinators.combine(n, n, n, n)
                        .as((t, p, i, h) -> new Message.AppendEntriesRejected(FROM, TO, t, p, i, h)),
                Combinators.combine(n, n, n).as((t, c, r) -> new Message.Heartbeat(FROM, TO, t, c, r, 0)),
                Combinators.combine(n, n, n).as((t, r, s) -> new Message.HeartbeatResult(FROM, TO, t, r, s, 0)),
                Combinators.combine(n, snapshots())
                        .as((t, s) -> new Message.InstallSnapshot(
                                FROM, TO, t, s, s.index() % 2 == 0 ? FROM : NodeId.of("other"))),
                Combinators.combine(n, n, b).as((t, i, d) -> new Message.InstallSnapshotResult(FROM, TO, t, i, d)),
                Combinators.combine(n, n).as((t, r) -> new Message.ReadIndex(FROM, TO, t, r, false)),
                Combinators.combine(n, n, outcome, n)
                        .as((t, r, o, i) -> new Message.ReadIndexResult(FROM, TO, t, r, o, i)),
                Combinators.combine(n, n, n, payloads()).as((t, i, k, p) -> new Message.Propose(FROM, TO, t, i, k, p)),
                Combinators.combine(n, n, n, count, n)
                        .as((t, i, k, a, f) -> new Message.ProposeResult(FROM, TO, t, i, k, a, f)),
                n.map(t -> new Message.TimeoutNow(FROM, TO, t, 0)),
                Combinators.combine(n, n, n).as((t, i, l) -> new Message.Damaged(FROM, TO, t, i, l)),
                Combinators.combine(n, n, n).as((t, i, l) -> new Message.DamageNoted(FROM, TO, t, i, l)));
    }

    private static Arbitrary<Long> numbers() {
        return Arbitraries.longs().between(0, Long.MAX_VALUE);
    }

    private static Arbitrary<byte[]> payload() {
        Arbitrary<byte[]> small = Arbitraries.bytes().array(byte[].class).ofMaxSize(40);
        Arbitrary<byte[]> pageAndMore = Arbitraries.integers()
                .between(FrameWriter.PAGE_BYTES - 64, FrameWriter.PAGE_BYTES + 64)
                .map(size -> {
                    byte[] bytes = new byte[size];
                    Arrays.fill(bytes, (byte) size.intValue());
                    return bytes;
                });
        return Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(9, small), net.jqwik.api.Tuple.of(1, pageAndMore));
    }

    private static Arbitrary<List<byte[]>> payloads() {
        return payload().list().ofMaxSize(20);
    }

    private static Arbitrary<Message> appendEntries() {
        Arbitrary<Long> prevLogIndex = Arbitraries.longs().between(0, 1L << 60);
        Arbitrary<Long> firstTerm = Arbitraries.longs().between(1, 1L << 60);
        Arbitrary<Integer> kinds = Arbitraries.integers().between(0, 5);
        return Combinators.combine(
                        numbers(),
                        prevLogIndex,
                        numbers(),
                        numbers(),
                        firstTerm,
                        payloads(),
                        kinds.list().ofSize(20))
                .as((term, prev, prevTerm, commit, entryTerm, commands, draws) -> {
                    List<Entry> entries = new ArrayList<>();
                    long t = entryTerm;
                    for (int i = 0; i < commands.size(); i++) {
                        // Mostly commands of one term, now and then another type, now and then a new term.
                        int draw = draws.get(i);
                        t += draw == 5 ? 1 : 0;
                        entries.add(
                                new Entry(prev + 1 + i, t, Entry.Type.ofNumber(draw <= 2 ? draw : 0), commands.get(i)));
                    }
                    return new Message.AppendEntries(FROM, TO, term, prev, prevTerm, entries, commit);
                });
    }

    private static Arbitrary<SnapshotMeta> snapshots() {
        Arbitrary<NodeId> id = Arbitraries.strings()
                .withCharRange('a', 'z')
                .ofMinLength(1)
                .ofMaxLength(NodeId.MAX_LENGTH)
                .map(NodeId::of);
        Arbitrary<Map<NodeId, String>> addresses =
                Arbitraries.maps(id, Arbitraries.strings().ofMaxLength(30)).ofMaxSize(9);
        return Combinators.combine(
                        numbers(), numbers(), addresses, Arbitraries.integers().between(0, 9))
                .as((index, term, members, learners) -> {
                    TreeSet<NodeId> voters = new TreeSet<>(members.keySet());
                    TreeSet<NodeId> learning = new TreeSet<>();
                    for (int i = 0; i < learners && !voters.isEmpty(); i++) {
                        learning.add(voters.pollFirst());
                    }
                    return new SnapshotMeta(
                            new EntryId(index, term),
                            new Membership(voters, new TreeSet<>(), learning, new TreeSet<>(), new TreeMap<>(members)));
                });
    }

    /** Whether two messages say the same; unlike their records, it looks into the payloads of a Propose. */
    static boolean same(Message one, Message other) {
        if (one instanceof Message.Propose p && other instanceof Message.Propose q) {
            boolean samePayloads = p.payloads().size() == q.payloads().size();
            for (int i = 0; samePayloads && i < p.payloads().size(); i++) {
                samePayloads = Arrays.equals(p.payloads().get(i), q.payloads().get(i));
            }
            return samePayloads && withoutPayloads(p).equals(withoutPayloads(q));
        }
        return one.equals(other);
    }

    private static Message.Propose withoutPayloads(Message.Propose p) {
        return new Message.Propose(p.from(), p.to(), p.term(), p.incarnation(), p.batch(), List.of());
    }
}
