package dev.quorate.raft;

import static dev.quorate.raft.TestCluster.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.quorate.raft.model.Message;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the network, the disk and the order of events can do to a member, and what it must make of it. */
class RaftFaultsTest {

    private final TestCluster cluster = new TestCluster(3);
    private final TestCluster.Node leader = cluster.elect(1);

    @Test
    void aRepeatedForwardThatReachesADeposedLeaderIsNotRefusedDefinitely() {
        // given a forward that the leader has appended and replicated, while its answer is lost
        cluster.filter = message -> !(message instanceof Message.ProposeResult);
        cluster.node(2).raft.propose(7, List.of(bytes("x")));
        cluster.settle();
        assertEquals(List.of("x"), cluster.node(3).appliedCommands());
        Message forward = cluster.node(2).sent.stream()
                .filter(Message.Propose.class::isInstance)
                .findFirst()
                .orElseThrow();

        // when the leader restarts in its term, and the network repeats the forward
        leader.crash();
        cluster.filter = message -> true;
        leader.raft.receive(forward);
        cluster.settle();
        cluster.pass(4 * TestCluster.ELECTION);

        // then the proposer is told that the outcome is unknown
        List<Output.Rejected> rejected = new ArrayList<>();
        cluster.node(2).outputs.forEach(output -> rejected.addAll(output.rejected()));
        assertEquals(1, rejected.size());
        assertFalse(rejected.get(0).reason().isDefinite(), rejected.toString());
    }
}
