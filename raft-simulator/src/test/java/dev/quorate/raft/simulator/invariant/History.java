package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.Persist;
import dev.quorate.raft.RaftRole;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.WriteMark;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.Coverage;
import dev.quorate.raft.simulator.observe.DiskImage;
import dev.quorate.raft.simulator.observe.NodeView;
import dev.quorate.raft.simulator.observe.RegisterCommand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A history of three nodes, written by hand: what their cores said, what their disks took, what they sent. */
final class History {

    static final NodeId N1 = NodeId.of("n1");
    static final NodeId N2 = NodeId.of("n2");
    static final NodeId N3 = NodeId.of("n3");
    static final Membership ALL = Membership.of(List.of(N1, N2, N3));

    final Cluster cluster;
    final Observer observer;
    private long writes;

    History() {
        List<NodeView> views = new ArrayList<>();
        for (NodeId id : List.of(N1, N2, N3)) {
            views.add(new NodeView(views.size(), id, new DiskImage(ALL), views.size() + 1));
        }
        cluster = new Cluster(views, ALL);
        observer = new Observer(cluster, new Coverage());
        views.forEach(view -> observer.started(view, 0));
    }

    static Entry entry(long index, long term) {
        return Entry.command(index, term, new RegisterCommand(0, index * 1_000 + term).encode(0));
    }

    static SnapshotMeta snapshot(long index, long term) {
        return new SnapshotMeta(new EntryId(index, term), ALL);
    }

    /** What one batch of one node does; the parts that a test does not name are empty. */
    final class Batch {
        private final NodeView node;
        private final RaftRole role;
        private final long term;
        private long commit;
        private @Nullable HardState hardState;
        private List<Entry> entries = List.of();
        private @Nullable SnapshotMeta resetTo;
        private Output.@Nullable Apply apply;
        private List<Message> send = List.of();
        private List<Message> unlocks = List.of();
        private Map<NodeId, Long> match = Map.of();
        private @Nullable Membership membership;
        private @Nullable String fenced;
        private boolean repaired;

        Batch(NodeId id, RaftRole role, long term) {
            this.node = cluster.node(id);
            this.role = role;
            this.term = term;
            RaftStatus before = node.status();
            this.commit = before == null ? 0 : before.commitIndex();
        }

        Batch commits(long index) {
            commit = index;
            return this;
        }

        Batch votes(long inTerm, @Nullable NodeId candidate) {
            hardState = new HardState(inTerm, candidate);
            return this;
        }

        Batch appends(Entry... appended) {
            entries = Arrays.asList(appended);
            return this;
        }

        Batch resetsTo(SnapshotMeta meta) {
            resetTo = meta;
            return this;
        }

        Batch applies(long lastIndex, Entry... handed) {
            apply = new Output.Apply(lastIndex, Arrays.asList(handed));
            return this;
        }

        Batch sends(Message... messages) {
            send = Arrays.asList(messages);
            return this;
        }

        Batch sendsWhenDurable(Message... messages) {
            unlocks = Arrays.asList(messages);
            return this;
        }

        Batch knowsMatch(NodeId other, long index) {
            match = Map.of(other, index);
            return this;
        }

        Batch uses(Membership other) {
            membership = other;
            return this;
        }

        Batch saysThatItIsRepaired() {
            repaired = true;
            return this;
        }

        Batch fencesItself() {
            fenced = "two leaders in one term";
            return this;
        }

        /** The batch ends; its write is on its way. */
        Persist ends() {
            long last = Math.max(resetTo != null ? resetTo.index() : node.log().lastIndex(), 0);
            if (!entries.isEmpty()) {
                last = entries.get(entries.size() - 1).index();
            }
            Persist persist =
                    new Persist(hardState, entries, resetTo, null, repaired, new WriteMark(++writes, last), unlocks);
            RaftStatus status = new RaftStatus(
                    node.id(),
                    role,
                    term,
                    null,
                    1,
                    last,
                    0,
                    commit,
                    0,
                    membership == null ? ALL : membership,
                    false,
                    match);
            observer.batchEnded(
                    node,
                    status,
                    new Output(
                            send, persist, List.of(), List.of(), apply, List.of(), null, List.of(), List.of(),
                            List.of(), null, fenced));
            return persist;
        }

        /** The batch ends, and its write is durable at once. */
        void endsDurably() {
            durable(node.id(), ends());
        }
    }

    Batch batch(NodeId id, RaftRole role, long term) {
        return new Batch(id, role, term);
    }

    void durable(NodeId id, Persist write) {
        NodeView node = cluster.node(id);
        node.disk().apply(write, cluster.committed()::chainAt);
        observer.writeDurable(node, write, true);
    }

    void crash(NodeId id) {
        observer.crashed(cluster.node(id));
    }

    /** The node goes down, and its log is lost from this entry on; then it lives again. */
    void damage(NodeId id, long fromIndex) {
        NodeView node = cluster.node(id);
        observer.crashed(node);
        node.damage(fromIndex);
        observer.damaged(node);
        observer.started(node, 0);
    }

    void start(NodeId id, long appliedIndex) {
        observer.started(cluster.node(id), appliedIndex);
    }

    /** A leader is elected by everybody, durably, in this term. */
    History elect(NodeId leader, long term) {
        batch(leader, RaftRole.CANDIDATE, term).votes(term, leader).endsDurably();
        for (NodeId voter : List.of(N1, N2, N3)) {
            if (!voter.equals(leader)) {
                batch(voter, RaftRole.FOLLOWER, term)
                        .votes(term, leader)
                        .sendsWhenDurable(new Message.RequestVoteResult(voter, leader, term, true))
                        .endsDurably();
            }
        }
        batch(leader, RaftRole.LEADER, term).endsDurably();
        return this;
    }

    /** Entries of this term are on the disks of the leader and one follower, and the leader says that they are committed. */
    History commit(NodeId leader, NodeId follower, long term, long from, long to) {
        Entry[] entries = new Entry[(int) (to - from + 1)];
        Arrays.setAll(entries, i -> entry(from + i, term));
        batch(leader, RaftRole.LEADER, term).appends(entries).endsDurably();
        batch(follower, RaftRole.FOLLOWER, term).appends(entries).endsDurably();
        batch(leader, RaftRole.LEADER, term).commits(to).endsDurably();
        return this;
    }
}
