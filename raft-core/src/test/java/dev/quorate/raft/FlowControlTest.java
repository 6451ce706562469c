package dev.quorate.raft;

import static dev.quorate.raft.TestCluster.ELECTION;
import static dev.quorate.raft.TestCluster.HEARTBEAT;
import static dev.quorate.raft.TestCluster.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** What a leader takes in, what it sends ahead, and that one follower's slowness is that follower's alone. */
class FlowControlTest {

    private static final NodeId N2 = NodeId.of("n2");
    private static final NodeId N3 = NodeId.of("n3");
    private static final int COMMAND_BYTES = 1_000;
    private static final long ENTRY_BYTES =
            Entry.command(1, 1, new byte[COMMAND_BYTES]).sizeBytes();
    private static final int PLACES = 4;

    private static RaftConfig.Builder config() {
        return RaftConfig.builder(NodeId.of("template"), 0);
    }

    /** Each proposal leaves at once, in a message of its own. */
    private static RaftConfig.Builder oneEntryPerAppend() {
        return config().maxAppendEntries(1).maxInflightBatches(1_000).maxInflightAppends(PLACES);
    }

    // ---- what a leader takes in -----------------------------------------------------------------------------------

    @Test
    void whatExceedsTheUncommittedBytesIsRefusedForGood() {
        TestCluster cluster = new TestCluster(3, config().maxUncommittedBytes(3 * ENTRY_BYTES));
        TestCluster.Node leader = cluster.elect(1);
        cluster.filter = message -> !(message instanceof Message.AppendEntriesAccepted);

        Output output = propose(cluster, leader, 10, 5);

        assertEquals(
                List.of(10L, 11L, 12L),
                output.accepted().stream().map(Output.Accepted::proposalId).toList());
        assertEquals(
                List.of(13L, 14L),
                output.rejected().stream().map(Output.Rejected::id).toList());
        for (Output.Rejected rejected : output.rejected()) {
            assertEquals(Output.Reason.OVERLOADED, rejected.reason());
            assertTrue(rejected.reason().isDefinite());
        }
        cluster.filter = message -> true;
        cluster.pass(ELECTION);
        cluster.nodes
                .values()
                .forEach(node -> assertEquals(3, node.appliedCommands().size(), "" + node.id));
    }

    @Test
    void whatIsCommittedAndDurableMakesRoom() {
        TestCluster cluster = new TestCluster(3, config().maxUncommittedBytes(3 * ENTRY_BYTES));
        TestCluster.Node leader = cluster.elect(1);

        for (int i = 0; i < 20; i++) {
            leader.raft.propose(3L * i, commands(3));
            cluster.settle();
        }

        assertEquals(60, leader.appliedCommands().size());
    }

    @Test
    void aProposalThatIsLargerThanTheLimitIsTakenAloneAndNothingBesideIt() {
        TestCluster cluster = new TestCluster(3, config().maxUncommittedBytes(1));
        TestCluster.Node leader = cluster.elect(1);

        Output output = propose(cluster, leader, 1, 2);

        assertEquals(1, output.accepted().size());
        assertEquals(1, output.rejected().size());
    }

    @Test
    void whatEarlierTermsLeftUncommittedCountsAgainstTheLimitOfTheNextLeader() {
        TestCluster cluster = new TestCluster(3, config().maxUncommittedBytes(3 * ENTRY_BYTES));
        TestCluster.Node leader = cluster.elect(1);
        cluster.filter = message -> !(message instanceof Message.AppendEntriesAccepted);
        leader.raft.propose(1, commands(3));
        cluster.settle();
        List.of(1, 2, 3).forEach(cluster::isolate);
        cluster.pass(2 * ELECTION);
        cluster.heal();
        cluster.elect(1);

        Output output = propose(cluster, leader, 10, 2);

        assertEquals(0, output.accepted().size(), "else each election lets as much in again");
        assertEquals(2, output.rejected().size());
        cluster.filter = message -> true;
        cluster.pass(ELECTION);
        assertEquals(3, propose(cluster, leader, 20, 3).accepted().size());
    }

    // ---- what is on its way to one follower -----------------------------------------------------------------------

    @Test
    void noMoreAppendsAreOnTheirWayToOneFollowerThanThereArePlaces() {
        TestCluster cluster = new TestCluster(3, oneEntryPerAppend());
        TestCluster.Node leader = replicating(cluster);
        silence(cluster, N3);

        burst(cluster, leader, 20);

        assertEquals(PLACES, appendsWithEntries(leader, N3).size());
    }

    @Test
    void theBytesOnTheirWayToOneFollowerExceedTheirLimitByOneAppendAtMost() {
        long limit = 10 * ENTRY_BYTES;
        TestCluster cluster =
                new TestCluster(3, oneEntryPerAppend().maxInflightAppends(1_000).maxInflightBytes(limit - 1));
        TestCluster.Node leader = replicating(cluster);
        silence(cluster, N3);

        burst(cluster, leader, 50);

        long sent = appendsWithEntries(leader, N3).stream()
                .flatMap(append -> append.entries().stream())
                .mapToLong(Entry::sizeBytes)
                .sum();
        assertEquals(limit, sent);
    }

    @Test
    void aFollowerWithoutAFreePlaceStillHearsItsLeader() {
        TestCluster cluster = new TestCluster(3, oneEntryPerAppend());
        TestCluster.Node leader = replicating(cluster);
        cluster.filter = message ->
                !(message instanceof Message.AppendEntries && message.to().equals(N3));
        burst(cluster, leader, 20);

        cluster.pass(10 * ELECTION);

        assertEquals(leader.id, cluster.node(3).raft.status().leader());
        assertEquals(leader.raft.status().term(), cluster.node(3).raft.status().term());
    }

    @Test
    void aSlowFollowerChangesNothingForTheOthers() {
        List<String> beside = new ArrayList<>();
        List<String> alone = new ArrayList<>();
        for (List<String> told : List.of(beside, alone)) {
            // The slow one's entries are not in memory any more either: they are asked for, and do not come.
            TestCluster cluster = new TestCluster(
                    3, oneEntryPerAppend().maxUncommittedBytes(5 * ENTRY_BYTES).maxWindowBytes(0));
            TestCluster.Node leader = replicating(cluster);
            if (told == beside) {
                silence(cluster, N3);
            }
            for (int i = 0; i < 200; i++) {
                Output output = propose(cluster, leader, i, 1);
                told.add("accepted " + output.accepted() + " refused " + output.rejected());
                cluster.settle();
                told.add("committed " + leader.raft.status().commitIndex());
            }
            leader.sent.stream()
                    .filter(message -> message.to().equals(N2))
                    .map(FlowControlTest::inWords)
                    .forEach(told::add);
        }

        assertEquals(alone, beside);
    }

    // ---- what a reconnect gives back ------------------------------------------------------------------------------

    @Test
    void aFollowerThatReconnectsHasAllItsPlacesHoweverOften() {
        TestCluster cluster = new TestCluster(3, oneEntryPerAppend());
        TestCluster.Node leader = replicating(cluster);

        for (int i = 0; i < 3 * PLACES; i++) {
            silence(cluster, N3);
            burst(cluster, leader, PLACES + 1);
            leader.raft.unreachable(N3);
            cluster.filter = message -> true;
            cluster.settle();
            cluster.pass(2 * HEARTBEAT);
        }

        assertHasAllPlaces(cluster, leader);
    }

    @Test
    void messagesThatAreLostWithoutAWordGiveTheirPlacesBackToo() {
        TestCluster cluster = new TestCluster(3, oneEntryPerAppend());
        TestCluster.Node leader = replicating(cluster);

        for (int i = 0; i < 3 * PLACES; i++) {
            silence(cluster, N3);
            burst(cluster, leader, PLACES + 1);
            cluster.filter = message -> true;
            cluster.pass(2 * HEARTBEAT);
        }

        assertHasAllPlaces(cluster, leader);
    }

    enum Trouble {
        APPENDS_LOST,
        ANSWERS_LOST,
        EVERYTHING_LOST,
        ANSWERS_LATE_AND_TWICE,
        CONNECTION_LOST,
        RESTART,
        HEARTBEATS,
        NONE
    }

    @Property(tries = 150)
    void noTroubleOnTheWayCostsAPlaceForGood(@ForAll("troubles") List<Trouble> troubles) {
        TestCluster cluster = new TestCluster(3, oneEntryPerAppend().maxWindowBytes(5 * ENTRY_BYTES));
        TestCluster.Node leader = replicating(cluster);
        for (Trouble trouble : troubles) {
            meet(trouble, cluster, leader);
        }
        cluster.filter = message -> true;
        cluster.pass(3 * HEARTBEAT);

        assertHasAllPlaces(cluster, leader);
    }

    @Provide
    Arbitrary<List<Trouble>> troubles() {
        return Arbitraries.of(Trouble.class).list().ofMinSize(1).ofMaxSize(12);
    }

    private void meet(Trouble trouble, TestCluster cluster, TestCluster.Node leader) {
        List<Message> late = new ArrayList<>();
        cluster.filter = switch (trouble) {
            case APPENDS_LOST ->
                message -> !(message instanceof Message.AppendEntries
                        && message.to().equals(N3));
            case ANSWERS_LOST ->
                message -> !(message instanceof Message.AppendEntriesAccepted
                        && message.from().equals(N3));
            case EVERYTHING_LOST ->
                message -> !message.to().equals(N3) && !message.from().equals(N3);
            case ANSWERS_LATE_AND_TWICE ->
                message -> {
                    boolean isLate = message.from().equals(N3) && late.size() < 3;
                    return !isLate || !late.add(message);
                };
            default -> message -> true;
        };
        burst(cluster, leader, 3);
        cluster.filter = message -> true;
        Collections.reverse(late);
        List<Message> again = new ArrayList<>(late);
        again.addAll(late);
        again.forEach(cluster::deliver);
        switch (trouble) {
            case CONNECTION_LOST -> leader.raft.unreachable(N3);
            case RESTART -> cluster.node(3).crash();
            case HEARTBEATS -> cluster.pass(2 * HEARTBEAT);
            default -> cluster.settle();
        }
    }

    /** What is sent ahead to a follower that does not answer is as much as to one that never was in trouble. */
    private static void assertHasAllPlaces(TestCluster cluster, TestCluster.Node leader) {
        assertTrue(leader.leads());
        assertEquals(
                leader.raft.status().lastIndex(),
                leader.raft.status().matchIndex().get(N3));
        silence(cluster, N3);
        burst(cluster, leader, PLACES + 3);
        assertEquals(PLACES, appendsWithEntries(leader, N3).size());
    }

    // ---- helpers --------------------------------------------------------------------------------------------------

    /** A leader that sends ahead to both followers, with everything acknowledged. */
    private static TestCluster.Node replicating(TestCluster cluster) {
        TestCluster.Node leader = cluster.elect(1);
        leader.raft.propose(0, List.of(bytes("first")));
        cluster.settle();
        cluster.pass(HEARTBEAT);
        leader.sent.clear();
        return leader;
    }

    /** Nothing that this member says arrives; what it is told does. */
    private static void silence(TestCluster cluster, NodeId member) {
        cluster.filter = message -> !message.from().equals(member);
    }

    /** Proposals that come one after the other. */
    private static void burst(TestCluster cluster, TestCluster.Node leader, int count) {
        leader.sent.clear();
        for (int i = 0; i < count; i++) {
            leader.raft.propose(i, commands(1));
            cluster.settle();
        }
    }

    private static Output propose(TestCluster cluster, TestCluster.Node leader, long firstId, int count) {
        leader.raft.propose(firstId, commands(count));
        Output output = leader.raft.takeOutput();
        cluster.carryOut(leader, output);
        return output;
    }

    private static List<byte[]> commands(int count) {
        return IntStream.range(0, count).mapToObj(i -> new byte[COMMAND_BYTES]).toList();
    }

    private static List<Message.AppendEntries> appendsWithEntries(TestCluster.Node leader, NodeId to) {
        List<Message.AppendEntries> appends = new ArrayList<>();
        for (Message message : leader.sent) {
            if (message instanceof Message.AppendEntries append
                    && append.to().equals(to)
                    && !append.entries().isEmpty()) {
                appends.add(append);
            }
        }
        assertFalse(appends.isEmpty());
        return appends;
    }

    private static String inWords(Message message) {
        return message instanceof Message.AppendEntries append
                ? "append after " + append.prevLogIndex() + " x"
                        + append.entries().size() + " commit " + append.leaderCommit()
                : message.getClass().getSimpleName();
    }
}
