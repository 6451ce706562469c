package dev.quorate.raft.simulator.observe;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Predicate;

/** All nodes, and what is committed among them. */
public final class Cluster {

    private final List<NodeView> nodes;
    private final Map<NodeId, NodeView> byId = new HashMap<>();
    private final CommittedLog committed;

    /** @param initial the group's first membership */
    public Cluster(List<NodeView> nodes, Membership initial) {
        this.committed = new CommittedLog(initial);
        this.nodes = List.copyOf(nodes);
        for (NodeView node : nodes) {
            byId.put(node.id(), node);
        }
    }

    public List<NodeView> nodes() {
        return nodes;
    }

    public NodeView node(int number) {
        return nodes.get(number);
    }

    public NodeView node(NodeId id) {
        NodeView node = byId.get(id);
        if (node == null) {
            throw new IllegalArgumentException("no node is called " + id);
        }
        return node;
    }

    public CommittedLog committed() {
        return committed;
    }

    /** The newest committed membership, and every later one that any log holds and that may be committed yet. */
    public Set<Membership> membershipsInPlay() {
        Set<Membership> inPlay = new LinkedHashSet<>();
        inPlay.add(committed.membership());
        for (NodeView node : nodes) {
            addLater(inPlay, node.log());
            addLater(inPlay, node.disk().log());
        }
        return inPlay;
    }

    private void addLater(Set<Membership> inPlay, LogImage log) {
        long from = Math.max(log.baseIndex(), committed.membershipIndex()) + 1;
        for (long index = from; index <= log.lastIndex(); index++) {
            if (log.entry(index).type() == Entry.Type.MEMBERSHIP) {
                inPlay.add(Membership.decode(log.entry(index).payload()));
            }
        }
    }

    /**
     * True if those nodes that fulfil the condition are a quorum: more than half of the voters, and in a joint membership
     * also of the outgoing ones. Counted by hand here: a mistake in the core's own arithmetic must not hide itself.
     */
    public boolean isQuorum(Membership membership, Predicate<NodeView> condition) {
        return isMajority(membership.voters(), condition) && isMajority(membership.outgoing(), condition);
    }

    private boolean isMajority(SortedSet<NodeId> voters, Predicate<NodeView> condition) {
        if (voters.isEmpty()) {
            return true;
        }
        int agreeing = 0;
        for (NodeId voter : voters) {
            if (condition.test(node(voter))) {
                agreeing++;
            }
        }
        return 2 * agreeing > voters.size();
    }
}
