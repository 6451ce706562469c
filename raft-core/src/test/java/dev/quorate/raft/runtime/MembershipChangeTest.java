package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.Output;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.MembershipChange.AddVoter;
import dev.quorate.raft.model.MembershipChange.Remove;
import dev.quorate.raft.model.NodeId;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Membership changes and transfers of leadership, through the threads. */
class MembershipChangeTest {

    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final NodeId N3 = NodeId.of("n3");
    private static final NodeId N4 = NodeId.of("n4");

    @TempDir
    private Path directory;

    @Test
    void aNewNodeIsAddedCatchesUpAndVotes() throws Exception {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3).startAll()) {
            List<String> commands = group.putAll("a", 20);
            group.join(N4);

            Membership added = group.node(group.leader())
                    .changeMembership(MembershipChange.of(new AddVoter(N4, "")))
                    .join();

            assertTrue(added.contains(N4));
            group.awaitLedger(N4, commands);
            Await.until(
                    "n4 votes",
                    () -> group.node(N4).status().membership().voters().contains(N4));
        }
    }

    @Test
    void aLeaderRemovesItselfAndAnotherLeads() throws Exception {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3).startAll()) {
            group.put("before"); // a leader that has committed nothing yet takes no change
            NodeId leader = group.leader();

            Membership left = group.node(leader)
                    .changeMembership(MembershipChange.of(new Remove(leader)))
                    .join();

            assertFalse(left.contains(leader));
            assertFalse(left.isJoint());
            group.stop(leader);
            group.put("after");
        }
    }

    @Test
    void aRefusalIsDefiniteAndSaysWhy() throws Exception {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3).startAll()) {
            group.put("a");
            CompletableFuture<Membership> nobody =
                    group.node(group.leader()).changeMembership(MembershipChange.of(new Remove(N4)));

            RaftException.Refused refused = assertInstanceOf(
                    RaftException.Refused.class,
                    assertThrows(CompletionException.class, nobody::join).getCause());

            assertEquals(Output.Reason.NOT_A_MEMBER, refused.reason());
            assertTrue(refused.isDefinite());
        }
    }

    @Test
    void leadershipMovesWhereItIsWantedAndNoWriteIsLost() throws Exception {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3).startAll()) {
            NodeId leader = group.leader();
            NodeId heir = leader.equals(N1) ? N2 : N1;
            CompletableFuture<String> before = group.propose(leader, "before");

            CompletableFuture<Void> moved = group.node(leader).transferLeadership(heir);
            CompletableFuture<String> meanwhile = group.propose(leader, "meanwhile");

            moved.join();
            before.join();
            meanwhile.join();
            assertEquals(heir, group.leader());
        }
    }

    @Test
    void aClosedNodeAnswersEverybody() throws Exception {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3).startAll()) {
            RaftNode<String> node = group.node(group.follower());
            node.close();

            CompletableFuture<Void> late = node.transferLeadership(null);

            assertInstanceOf(
                    RaftException.Stopped.class,
                    assertThrows(CompletionException.class, late::join).getCause());
        }
    }
}
