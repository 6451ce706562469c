package dev.quorate.raft;

import static dev.quorate.raft.TestCluster.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a follower has passed on is answered, in time or not, and bounded. */
class ForwardsTest {

    private static final long MESSAGE_BYTES = 4 * (Entry.OVERHEAD_BYTES + 10);

    private final TestCluster cluster = new TestCluster(
            3,
            RaftConfig.builder(NodeId.of("template"), 0)
                    .maxAppendBytes(MESSAGE_BYTES)
                    .maxUncommittedBytes(2 * MESSAGE_BYTES)
                    .maxPendingReads(3));
    private final TestCluster.Node follower = cluster.node(2);

    ForwardsTest() {
        cluster.elect(1);
    }

    @Test
    void manyProposalsArePassedOnInMessagesOfBoundedSizeUpToTheLimit() {
        follower.raft.propose(0, commands(10));
        Output output = follower.raft.takeOutput();

        assertEquals(
                List.of(4, 4),
                output.send().stream()
                        .map(message -> ((Message.Propose) message).payloads().size())
                        .toList());
        assertEquals(List.of(8L, 9L), ids(output));
        assertTrue(output.rejected().stream().allMatch(r -> r.reason() == Output.Reason.OVERLOADED));
    }

    @Test
    void anAnswerMakesPlace() {
        follower.raft.propose(0, commands(8));
        cluster.settle();

        follower.raft.propose(8, commands(8));

        assertEquals(List.of(), follower.raft.takeOutput().rejected());
    }

    @Test
    void oneProposalAlwaysFitsHoweverLarge() {
        follower.raft.propose(0, List.of(new byte[(int) (10 * MESSAGE_BYTES)]));

        assertEquals(1, follower.raft.takeOutput().send().size());
    }

    @Test
    void readsBeyondTheLimitAreRefused() {
        IntStream.range(0, 5).forEach(id -> follower.raft.readIndex(id));
        Output output = follower.raft.takeOutput();

        assertEquals(3, output.send().size());
        assertEquals(List.of(3L, 4L), ids(output));
    }

    @Test
    void aReadThatTheLeaderHasNoPlaceForIsRefusedAsOverloadedNotForWantOfALeader() {
        IntStream.range(0, 3).forEach(id -> cluster.node(1).raft.readIndex(id));
        follower.raft.readIndex(7);
        cluster.settle();

        assertEquals(
                List.of(Output.Reason.OVERLOADED),
                follower.outputs.stream()
                        .flatMap(output -> output.rejected().stream())
                        .map(Output.Rejected::reason)
                        .toList());
    }

    @Test
    void withoutAnAnswerAProposalEndsUnknownAndAReadUnconfirmedWhileTheLeaderIsHeard() {
        cluster.filter = message -> !(message instanceof Message.Propose) && !(message instanceof Message.ReadIndex);
        follower.raft.propose(1, commands(1));
        follower.raft.readIndex(2);
        cluster.settle();
        follower.outputs.clear();

        cluster.pass(2 * TestCluster.ELECTION + TestCluster.HEARTBEAT);

        assertEquals(NodeId.of("n1"), follower.raft.status().leader());
        assertEquals(
                List.of(Output.Reason.OUTCOME_UNKNOWN, Output.Reason.NOT_CONFIRMED),
                follower.outputs.stream()
                        .flatMap(output -> output.rejected().stream())
                        .map(Output.Rejected::reason)
                        .toList());
    }

    @Test
    void anAnswerAfterTheEndIsNoNews() {
        follower.raft.propose(1, commands(1));
        Message.Propose forward =
                (Message.Propose) follower.raft.takeOutput().send().get(0);
        follower.raft.receive(new Message.Heartbeat(NodeId.of("n3"), follower.id, forward.term() + 1, 0, 1, 0));
        assertEquals(List.of(1L), ids(follower.raft.takeOutput()));

        follower.raft.receive(new Message.ProposeResult(
                NodeId.of("n1"), follower.id, forward.term() + 1, forward.incarnation(), forward.batch(), 1, 5));
        Output output = follower.raft.takeOutput();

        assertEquals(List.of(), output.accepted());
        assertEquals(List.of(), output.rejected());
    }

    private static List<Long> ids(Output output) {
        return output.rejected().stream().map(Output.Rejected::id).toList();
    }

    private static List<byte[]> commands(int count) {
        return IntStream.range(0, count).mapToObj(i -> bytes("0123456789")).toList();
    }
}
