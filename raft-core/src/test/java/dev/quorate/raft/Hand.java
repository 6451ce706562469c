package dev.quorate.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.util.List;

/** One member, n1 of three, that hears only what a test hands it. */
final class Hand {

    static final NodeId N1 = NodeId.of("n1");
    static final NodeId N2 = NodeId.of("n2");
    static final NodeId N3 = NodeId.of("n3");

    final TestCluster cluster;
    final TestCluster.Node node;

    Hand() {
        this(RaftConfig.builder(NodeId.of("template"), 0));
    }

    Hand(RaftConfig.Builder config) {
        cluster = new TestCluster(3, config);
        cluster.filter = message -> false;
        node = cluster.node(1);
    }

    static Entry entry(long index, long term) {
        return Entry.command(index, term, TestCluster.bytes(index + "@" + term));
    }

    /** What the member says to this message. */
    List<Message> receive(Message message) {
        return says(() -> node.raft.receive(message));
    }

    /** What the member says when this much time has passed. */
    List<Message> pass(long nanos) {
        return says(() -> node.raft.tick(cluster.now += nanos));
    }

    List<Message> says(Runnable verb) {
        int before = node.sent.size();
        verb.run();
        cluster.settle();
        return List.copyOf(node.sent.subList(before, node.sent.size()));
    }

    /** n2 leads, and sends entries that follow the given position. */
    List<Message> append(long term, long prevIndex, long prevTerm, long commit, Entry... entries) {
        return receive(new Message.AppendEntries(N2, N1, term, prevIndex, prevTerm, List.of(entries), commit));
    }

    void becomeCandidate() {
        pass(3 * TestCluster.ELECTION);
        long term = term();
        receive(new Message.PreVoteResult(N2, N1, term, term + 1, true));
        assertEquals(RaftRole.CANDIDATE, role());
        assertEquals(term + 1, term());
    }

    void becomeLeader() {
        becomeCandidate();
        receive(new Message.RequestVoteResult(N2, N1, term(), true));
        assertTrue(node.leads());
    }

    RaftRole role() {
        return node.raft.status().role();
    }

    long term() {
        return node.raft.status().term();
    }

    RaftStatus status() {
        return node.raft.status();
    }
}
