package dev.quorate.raft;

import static dev.quorate.raft.TestCluster.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PipelineTest {

    @Test
    void proposalsGatherWhileABatchIsUnderWay() {
        TestCluster cluster = new TestCluster(3);
        TestCluster.Node leader = cluster.elect(1);
        leader.raft.propose(1, List.of(bytes("a")));
        assertEquals(List.of("a"), written(leader.raft.takeOutput()));

        leader.raft.propose(2, List.of(bytes("b")));
        Output second = leader.raft.takeOutput();
        leader.raft.propose(3, List.of(bytes("c")));
        Output third = leader.raft.takeOutput();

        assertNull(second.persist());
        assertNull(third.persist());
        assertEquals(0, appends(second) + appends(third));
        assertEquals(1, second.accepted().size(), "its place is known all the same");
    }

    @Test
    void whatHasGatheredLeavesAsOneBatchWhenTheOneBeforeIsCommitted() {
        TestCluster cluster = new TestCluster(3);
        TestCluster.Node leader = cluster.elect(1);
        Output first = propose(leader, 1, "a");
        propose(leader, 2, "b");
        propose(leader, 3, "c");

        Persist write = Objects.requireNonNull(first.persist());
        leader.raft.persisted(write.mark());
        leader.raft.receive(acceptance(leader, "n2", write.mark().lastIndex()));
        Output next = leader.raft.takeOutput();

        assertEquals(List.of("b", "c"), written(next));
        assertEquals(2, appends(next));
    }

    @Test
    void aWriteIsMarkedWithWhatItHoldsAndNotWithWhatGathers() {
        TestCluster cluster = new TestCluster(3);
        TestCluster.Node leader = cluster.elect(1);
        leader.diskWorks = false;
        Output first = propose(leader, 1, "a");
        propose(leader, 2, "b");

        leader.raft.persisted(Objects.requireNonNull(first.persist()).mark());

        RaftStatus status = leader.raft.status();
        assertEquals(status.lastIndex() - 1, status.durableIndex());
    }

    @Test
    void aFullBatchWaitsForNobody() {
        TestCluster cluster =
                new TestCluster(3, RaftConfig.builder(NodeId.of("template"), 0).maxAppendEntries(2));
        TestCluster.Node leader = cluster.elect(1);
        propose(leader, 1, "a");

        assertNull(propose(leader, 2, "b").persist());
        assertEquals(List.of("b", "c"), written(propose(leader, 3, "c")));
    }

    @Test
    void asManyBatchesAsAllowedAreUnderWay() {
        TestCluster cluster =
                new TestCluster(3, RaftConfig.builder(NodeId.of("template"), 0).maxInflightBatches(2));
        TestCluster.Node leader = cluster.elect(1);

        assertEquals(List.of("a"), written(propose(leader, 1, "a")));
        assertEquals(List.of("b"), written(propose(leader, 2, "b")));
        assertNull(propose(leader, 3, "c").persist());
    }

    @Test
    void aLeaderThatIsCutOffKeepsWhatGathersUntilTheNextLeaderReplacesIt() {
        TestCluster cluster = new TestCluster(3);
        TestCluster.Node old = cluster.elect(1);
        cluster.isolate(1);
        propose(old, 1, "lost");
        propose(old, 2, "lost too");
        cluster.pass(3 * TestCluster.ELECTION);
        TestCluster.Node next = cluster.node(2).leads() ? cluster.node(2) : cluster.node(3);
        next.raft.propose(1, List.of(bytes("kept")));
        cluster.settle();

        cluster.heal();
        cluster.pass(2 * TestCluster.ELECTION);

        cluster.nodes.values().forEach(node -> assertEquals(List.of("kept"), node.appliedCommands(), "" + node.id));
    }

    private static Output propose(TestCluster.Node leader, long id, String command) {
        leader.raft.propose(id, List.of(bytes(command)));
        return leader.raft.takeOutput();
    }

    private static Message acceptance(TestCluster.Node leader, String from, long index) {
        return new Message.AppendEntriesAccepted(
                NodeId.of(from), leader.id, leader.raft.status().term(), index);
    }

    private static List<String> written(Output output) {
        return Objects.requireNonNull(output.persist(), "persist").entries().stream()
                .map(Entry::payload)
                .map(payload -> new String(payload, java.nio.charset.StandardCharsets.UTF_8))
                .toList();
    }

    private static long appends(Output output) {
        return output.send().stream()
                .filter(Message.AppendEntries.class::isInstance)
                .count();
    }
}
