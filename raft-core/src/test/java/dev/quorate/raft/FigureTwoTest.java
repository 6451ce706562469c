package dev.quorate.raft;

import static dev.quorate.raft.Hand.N1;
import static dev.quorate.raft.Hand.N2;
import static dev.quorate.raft.Hand.N3;
import static dev.quorate.raft.Hand.entry;
import static dev.quorate.raft.TestCluster.ELECTION;
import static dev.quorate.raft.TestCluster.HEARTBEAT;
import static dev.quorate.raft.TestCluster.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.Message.AppendEntries;
import dev.quorate.raft.model.Message.AppendEntriesAccepted;
import dev.quorate.raft.model.Message.AppendEntriesRejected;
import dev.quorate.raft.model.Message.Heartbeat;
import dev.quorate.raft.model.Message.PreVoteResult;
import dev.quorate.raft.model.Message.RequestVote;
import dev.quorate.raft.model.Message.RequestVoteResult;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The sentences of the Raft paper's figure 2, §5 and §8 that {@link RaftPaperTest} leaves out. */
class FigureTwoTest {

    private final Hand hand = new Hand();

    // ---- state ----------------------------------------------------------------------------------------------------

    /** "nextIndex[]: initialized to leader last log index + 1". */
    @Test
    void aNewLeaderBeginsRightBehindItsOwnLog() {
        hand.append(1, 0, 0, 0, entry(1, 1), entry(2, 1));
        hand.becomeCandidate();

        List<Message> first = hand.receive(new RequestVoteResult(N3, N1, hand.term(), true));

        assertEquals(2, appendTo(N2, first).prevLogIndex());
        assertEquals(1, appendTo(N2, first).prevLogTerm());
        assertEquals(2, appendTo(N3, first).prevLogIndex());
    }

    /** "matchIndex[]: initialized to 0", at each election anew. */
    @Test
    void aNewLeaderKnowsOfNobodysLog() {
        hand.becomeLeader();
        hand.receive(new AppendEntriesAccepted(N2, N1, hand.term(), 1));
        assertEquals(1, hand.status().matchIndex().get(N2));
        hand.receive(new Heartbeat(N3, N1, hand.term() + 1, 0, 1, 0));

        hand.becomeLeader();

        assertEquals(Map.of(N2, 0L, N3, 0L), hand.status().matchIndex());
    }

    // ---- all servers, §5.1 ----------------------------------------------------------------------------------------

    /** "If RPC request contains term T > currentTerm: convert to follower". */
    @Test
    void aLeaderFollowsWhoeverHasANewerTerm() {
        hand.becomeLeader();

        hand.append(7, 0, 0, 0, entry(1, 7));

        assertEquals(RaftRole.FOLLOWER, hand.role());
        assertEquals(7, hand.term());
        assertEquals(N2, hand.status().leader());
    }

    @Test
    void aCandidateFollowsWhoeverHasANewerTerm() {
        hand.becomeCandidate();

        hand.receive(new RequestVote(N3, N1, 7, 9, 6, true, 0));

        assertEquals(RaftRole.FOLLOWER, hand.role());
        assertEquals(N3, hand.node.hardState.votedFor());
    }

    /** "If a server receives a request with a stale term number, it rejects the request." */
    @Test
    void aSnapshotOfAnOlderTermIsRefusedWithTheNewerOne() {
        hand.receive(new Heartbeat(N2, N1, 5, 0, 1, 0));

        List<Message> answers = hand.receive(new Message.InstallSnapshot(
                N3,
                N1,
                4,
                new SnapshotMeta(new EntryId(9, 4), hand.node.raft.status().membership()),
                N3));

        assertEquals(List.of(new Message.InstallSnapshotResult(N1, N3, 5, 9, false)), answers);
    }

    // ---- followers, §5.2 ------------------------------------------------------------------------------------------

    /** "If election timeout elapses without receiving AppendEntries … or granting vote": hearing one is enough. */
    @Test
    void whoHearsItsLeaderDoesNotCampaign() {
        for (int i = 0; i < 50; i++) {
            hand.receive(new Heartbeat(N2, N1, 1, 0, i, 0));
            hand.pass(ELECTION - 1);
        }
        assertEquals(RaftRole.FOLLOWER, hand.role());

        hand.pass(ELECTION + 1);

        assertEquals(RaftRole.CANDIDATE, hand.role());
    }

    @Test
    void whoGrantsAVoteWaitsAnew() {
        for (int term = 1; term <= 50; term++) {
            hand.receive(new RequestVote(N2, N1, term, 0, 0, true, 0));
            assertEquals(N2, hand.node.hardState.votedFor());
            hand.pass(ELECTION - 1);
            assertEquals(RaftRole.FOLLOWER, hand.role());
        }
    }

    // ---- candidates, §5.2 -----------------------------------------------------------------------------------------

    /** "If election timeout elapses: start new election", in a later term. */
    @Test
    void aCandidateThatNobodyAnswersCampaignsAgain() {
        for (int term = 1; term <= 5; term++) {
            hand.becomeCandidate();
            assertEquals(term, hand.term());
        }
    }

    /** "If the term in the RPC is smaller …, the candidate rejects the RPC and continues in candidate state." */
    @Test
    void aCandidateRefusesALeaderOfAnOlderTermAndGoesOn() {
        hand.becomeCandidate();
        hand.becomeCandidate();

        List<Message> answers = hand.append(1, 0, 0, 0, entry(1, 1));

        assertEquals(List.of(new AppendEntriesRejected(N1, N2, 2, 0, 0, 0)), answers);
        assertEquals(RaftRole.CANDIDATE, hand.role());
    }

    /** "votes received from majority of servers": of all of them, not of those that have answered. */
    @Test
    void aCandidateThatNobodyVotesForDoesNotLead() {
        hand.becomeCandidate();

        hand.receive(new RequestVoteResult(N2, N1, hand.term(), false));
        assertEquals(RaftRole.CANDIDATE, hand.role());
        hand.receive(new RequestVoteResult(N3, N1, hand.term(), false));

        assertEquals(RaftRole.FOLLOWER, hand.role());
    }

    /** A pre-vote won is a campaign, no office. */
    @Test
    void whoWouldGetVotesHasNone() {
        hand.pass(3 * ELECTION);

        hand.receive(new PreVoteResult(N2, N1, 0, 1, true));
        hand.receive(new PreVoteResult(N3, N1, 0, 1, true));

        assertEquals(RaftRole.CANDIDATE, hand.role());
    }

    // ---- leaders, §5.2, §5.3 --------------------------------------------------------------------------------------

    /** "Upon election: send initial empty AppendEntries RPCs (heartbeat) to each server". */
    @Test
    void aNewLeaderSpeaksToEverybodyAtOnce() {
        hand.becomeCandidate();

        List<Message> first = hand.receive(new RequestVoteResult(N2, N1, 1, true));

        assertTrue(heartbeatTo(N2, first));
        assertTrue(heartbeatTo(N3, first));
    }

    /** "repeat during idle periods to prevent election timeouts". */
    @Test
    void anIdleLeaderSpeaksEveryHeartbeatInterval() {
        hand.becomeLeader();

        for (int i = 0; i < 5; i++) {
            List<Message> beat = hand.pass(HEARTBEAT);
            assertTrue(heartbeatTo(N2, beat));
            assertTrue(heartbeatTo(N3, beat));
        }
    }

    /** "If AppendEntries fails because of log inconsistency: decrement nextIndex and retry". */
    @Test
    void aRefusedAppendIsTriedAgainFurtherBack() {
        hand.append(1, 0, 0, 0, entry(1, 1), entry(2, 1), entry(3, 1));
        hand.becomeLeader();

        List<Message> second = hand.receive(new AppendEntriesRejected(N2, N1, hand.term(), 3, 1, 1));

        assertEquals(1, appendTo(N2, second).prevLogIndex());
        assertEquals(
                List.of(2L, 3L, 4L),
                appendTo(N2, second).entries().stream().map(Entry::index).toList());
    }

    /** "the leader retries AppendEntries RPCs indefinitely". */
    @Test
    void aLeaderGivesUpOnNobody() {
        hand.becomeLeader();
        hand.receive(new AppendEntriesAccepted(N2, N1, hand.term(), 1));

        boolean isTried = false;
        for (int i = 0; i < 1_000; i++) {
            List<Message> sent = hand.pass(HEARTBEAT);
            hand.receive(new Message.HeartbeatResult(N2, N1, hand.term(), i + 2L, 0, 0));
            isTried = sent.stream()
                    .anyMatch(message -> message instanceof AppendEntries append
                            && append.to().equals(N3));
        }

        assertTrue(hand.node.leads());
        assertTrue(isTried, "also at the thousandth interval");
    }

    /** "If there exists an N … a majority of matchIndex[i] ≥ N": one of three is none. */
    @Test
    void whatOnlyTheLeaderHoldsIsNotCommitted() {
        hand.becomeLeader();

        hand.says(() -> hand.node.raft.propose(1, List.of(bytes("x"))));

        assertEquals(0, hand.status().commitIndex());
        assertEquals(List.of(), hand.node.applied);
    }

    // ---- §5.5, §5.6, §8 -------------------------------------------------------------------------------------------

    /** "Raft RPCs are idempotent": a request that is repeated changes nothing and is answered alike. */
    @Test
    void aRepeatedAppendChangesNothingAndIsAnsweredAlike() {
        List<Message> first = hand.append(1, 0, 0, 1, entry(1, 1), entry(2, 1));
        List<Entry> disk = List.copyOf(hand.node.disk);

        List<Message> second = hand.append(1, 0, 0, 1, entry(1, 1), entry(2, 1));

        assertEquals(first, second);
        assertEquals(disk, hand.node.disk);
        assertEquals(1, hand.node.applied.size());
    }

    /** "broadcastTime ≪ electionTimeout": an election timeout in which one lost heartbeat counts is refused. */
    @Test
    void anElectionTimeoutIsTwoHeartbeatsAtLeast() {
        RaftConfig.Builder config = RaftConfig.builder(N1, 1)
                .electionTimeout(Duration.ofMillis(199))
                .heartbeatInterval(Duration.ofMillis(100));

        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, config::build);

        assertTrue(refusal.toString().contains("199000000"), refusal::toString);
    }

    /** "that server will reject the client's request and supply information about the most recent leader". */
    @Test
    void aFollowerThatPassesNothingOnNamesItsLeader() {
        Hand strict = new Hand(RaftConfig.builder(NodeId.of("template"), 0).forwardProposals(false));
        strict.receive(new Heartbeat(N3, N1, 1, 0, 1, 0));

        strict.node.raft.propose(1, List.of(bytes("x")));
        List<Output.Rejected> rejected = strict.node.raft.takeOutput().rejected();

        assertEquals(
                List.of(new Output.Rejected(Output.Rejected.Kind.PROPOSAL, 1, Output.Reason.NOT_LEADER, N3)), rejected);
    }

    /** "each leader commit a blank no-op entry into the log at the start of its term". */
    @Test
    void aNewLeaderAppendsAnEntryOfItsTermBeforeAnythingElse() {
        hand.append(1, 0, 0, 0, entry(1, 1));

        hand.becomeLeader();

        Entry last = hand.node.disk.get(hand.node.disk.size() - 1);
        assertEquals(Entry.Type.NO_OP, last.type());
        assertEquals(hand.term(), last.term());
        assertFalse(hand.status().commitIndex() >= last.index());
    }

    private static AppendEntries appendTo(NodeId to, List<Message> messages) {
        return messages.stream()
                .filter(message ->
                        message instanceof AppendEntries && message.to().equals(to))
                .map(AppendEntries.class::cast)
                .findFirst()
                .orElseThrow();
    }

    private static boolean heartbeatTo(NodeId to, List<Message> messages) {
        return messages.stream()
                .anyMatch(
                        message -> message instanceof Heartbeat && message.to().equals(to));
    }
}
