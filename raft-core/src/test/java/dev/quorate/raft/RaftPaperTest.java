package dev.quorate.raft;

import static dev.quorate.raft.TestCluster.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.Message.AppendEntries;
import dev.quorate.raft.model.Message.AppendEntriesAccepted;
import dev.quorate.raft.model.Message.AppendEntriesRejected;
import dev.quorate.raft.model.Message.Heartbeat;
import dev.quorate.raft.model.Message.HeartbeatResult;
import dev.quorate.raft.model.Message.PreVote;
import dev.quorate.raft.model.Message.PreVoteResult;
import dev.quorate.raft.model.Message.RequestVote;
import dev.quorate.raft.model.Message.RequestVoteResult;
import dev.quorate.raft.model.NodeId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One member against messages made by hand: the sentences of the Raft paper's figure 2 and §5, and of the thesis. */
class RaftPaperTest {

    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final NodeId N3 = NodeId.of("n3");

    private final TestCluster cluster = new TestCluster(3);
    private final TestCluster.Node node = cluster.node(1);

    // ---- figure 2, RequestVote ------------------------------------------------------------------------------------

    @Test
    void aVoteIsRefusedIfTheTermIsOlder() {
        receive(new Heartbeat(N2, N1, 5, 0, 1, 0));

        List<Message> answers = receive(new RequestVote(N3, N1, 4, 9, 9, false, 0));

        assertEquals(List.of(new RequestVoteResult(N1, N3, 5, false)), answers);
    }

    @Test
    void aVoteIsGrantedOncePerTerm() {
        assertEquals(
                List.of(new RequestVoteResult(N1, N2, 1, true)), receive(new RequestVote(N2, N1, 1, 0, 0, false, 0)));
        assertEquals(
                List.of(new RequestVoteResult(N1, N3, 1, false)), receive(new RequestVote(N3, N1, 1, 0, 0, false, 0)));
        assertEquals(
                List.of(new RequestVoteResult(N1, N2, 1, true)), receive(new RequestVote(N2, N1, 1, 0, 0, false, 0)));
    }

    @Test
    void aVoteIsRememberedOverACrash() {
        receive(new RequestVote(N2, N1, 1, 0, 0, false, 0));

        node.crash();

        assertEquals(
                List.of(new RequestVoteResult(N1, N3, 1, false)), receive(new RequestVote(N3, N1, 1, 0, 0, false, 0)));
    }

    @Test
    void aVoteLeavesOnlyWhenItIsDurable() {
        node.diskWorks = false;

        List<Message> answers = receive(new RequestVote(N2, N1, 1, 0, 0, false, 0));

        assertEquals(List.of(), answers);
        node.diskWorks = true;
        assertEquals(List.of(new RequestVoteResult(N1, N2, 1, true)), answersOf(() -> {}));
    }

    @Test
    void aVoteIsRefusedToALogThatIsLessUpToDate() {
        append(2, 0, 0, entry(1, 1), entry(2, 2));

        assertFalse(vote(3, 9, 1), "a longer log of an older term");
        assertFalse(vote(4, 1, 2), "a shorter log of the same term");
        assertTrue(vote(5, 2, 2), "an equal log");
        assertTrue(vote(6, 1, 3), "a shorter log of a newer term");
    }

    @Test
    void aNewerTermClearsTheVoteAndTheSameTermDoesNot() {
        receive(new RequestVote(N2, N1, 1, 0, 0, false, 0));
        receive(new AppendEntries(N2, N1, 1, 0, 0, List.of(), 0));
        assertFalse(vote(1, 0, 0));

        assertTrue(vote(2, 0, 0));
    }

    // ---- thesis 9.6 and 4.2.3: pre-vote and stickiness ------------------------------------------------------------

    @Test
    void aPreVoteChangesNothingAtTheReceiver() {
        List<Message> answers = receive(new PreVote(N2, N1, 7, 8, 0, 0));

        assertEquals(List.of(new PreVoteResult(N1, N2, 0, 8, true)), answers);
        assertEquals(0, node.raft.status().term());
        assertEquals(List.of(new PreVoteResult(N1, N3, 0, 8, true)), receive(new PreVote(N3, N1, 7, 8, 0, 0)));
    }

    @Test
    void aPreVoteIsRefusedWhileALeaderIsHeard() {
        receive(new Heartbeat(N2, N1, 1, 0, 1, 0));

        assertEquals(List.of(new PreVoteResult(N1, N3, 1, 9, false)), receive(new PreVote(N3, N1, 8, 9, 99, 8)));
    }

    @Test
    void aVoteRequestIsNotEvenReadWhileALeaderIsHeard() {
        receive(new Heartbeat(N2, N1, 1, 0, 1, 0));

        assertEquals(List.of(), receive(new RequestVote(N3, N1, 9, 99, 8, false, 0)));
        assertEquals(1, node.raft.status().term());
        assertEquals(1, receive(new RequestVote(N3, N1, 9, 99, 8, true, 0)).size(), "unless the leader asked for it");
    }

    @Test
    void aRefusedPreVoteTellsANewerTermAndTheAskerFollowsIt() {
        startPreVote();

        receive(new PreVoteResult(N2, N1, 6, 1, false));

        assertEquals(6, node.raft.status().term());
        assertEquals(RaftRole.FOLLOWER, node.raft.status().role());
    }

    // ---- §5.2: elections ------------------------------------------------------------------------------------------

    @Test
    void aCandidateRaisesItsTermVotesForItselfAndAsksEverybody() {
        startPreVote();

        List<Message> messages = receive(new PreVoteResult(N2, N1, 0, 1, true));

        assertEquals(
                List.of(new RequestVote(N1, N2, 1, 0, 0, false, 0), new RequestVote(N1, N3, 1, 0, 0, false, 0)),
                messages);
        assertEquals(N1, node.hardState.votedFor());
        assertEquals(1, node.hardState.term());
    }

    @Test
    void votesOfAnEarlierElectionDoNotCount() {
        becomeCandidate();
        node.raft.tick(cluster.now + 9 * TestCluster.ELECTION);
        cluster.network.clear();
        answersOf(() -> {});
        receive(new PreVoteResult(N2, N1, 1, 2, true));
        assertEquals(2, node.raft.status().term());

        receive(new RequestVoteResult(N2, N1, 1, true));

        assertEquals(RaftRole.CANDIDATE, node.raft.status().role());
    }

    @Test
    void aCandidateFollowsALeaderOfItsOwnTerm() {
        becomeCandidate();

        receive(new AppendEntries(N2, N1, 1, 0, 0, List.of(), 0));

        assertEquals(RaftRole.FOLLOWER, node.raft.status().role());
        assertEquals(N2, node.raft.status().leader());
        assertEquals(N1, node.hardState.votedFor(), "the vote of the term stays");
    }

    @Test
    void aLeaderStepsDownAtANewerTermInAnAnswer() {
        becomeLeader();

        receive(new HeartbeatResult(N2, N1, 4, 1, 0, 0));

        assertEquals(RaftRole.FOLLOWER, node.raft.status().role());
        assertEquals(4, node.raft.status().term());
    }

    // ---- figure 2, AppendEntries ----------------------------------------------------------------------------------

    @Test
    void anAppendOfAnOlderTermIsRefusedWithTheNewerOne() {
        receive(new Heartbeat(N2, N1, 5, 0, 1, 0));

        Message answer = receive(new AppendEntries(N3, N1, 4, 0, 0, List.of(entry(1, 4)), 0))
                .get(0);

        assertEquals(5, answer.term());
        assertTrue(answer instanceof AppendEntriesRejected);
        assertEquals(0, node.raft.status().lastIndex());
    }

    @Test
    void anAppendIsRefusedIfTheEntryBeforeItIsMissing() {
        Message answer = append(1, 5, 1, entry(6, 1));

        assertEquals(new AppendEntriesRejected(N1, N2, 1, 5, 0, 0), answer);
    }

    @Test
    void aRefusalSkipsAWholeTermOfConflictingEntries() {
        append(3, 0, 0, entry(1, 1), entry(2, 3), entry(3, 3), entry(4, 3));

        Message answer = append(5, 4, 2, entry(5, 5));

        assertEquals(new AppendEntriesRejected(N1, N2, 5, 4, 1, 1), answer);
    }

    @Test
    void aConflictingEntryAndAllAfterItAreReplaced() {
        append(1, 0, 0, entry(1, 1), entry(2, 1), entry(3, 1));

        append(2, 1, 1, entry(2, 2));

        assertEquals(List.of(1L, 2L), node.disk.stream().map(Entry::term).toList());
    }

    @Test
    void anOldAppendThatArrivesLateRemovesNothing() {
        append(1, 0, 0, entry(1, 1), entry(2, 1), entry(3, 1));

        Message answer = append(1, 0, 0, entry(1, 1));

        assertEquals(3, node.raft.status().lastIndex());
        assertEquals(new AppendEntriesAccepted(N1, N2, 1, 1), answer, "it vouches for what it carries, no more");
    }

    @Test
    void theCommitIndexNeverPassesTheLastNewEntry() {
        append(1, 0, 0, entry(1, 1), entry(2, 1), entry(3, 1));

        receive(new AppendEntries(N3, N1, 2, 1, 1, List.of(), 3));

        assertEquals(1, node.raft.status().commitIndex());
    }

    @Test
    void aCommittedEntryIsNeverReplacedAndTheMemberStops() {
        receive(new AppendEntries(N2, N1, 1, 0, 0, List.of(entry(1, 1)), 1));

        receive(new AppendEntries(N3, N1, 2, 0, 0, List.of(entry(1, 2)), 0));

        assertNotNull(node.outputs.get(node.outputs.size() - 1).fenced());
        assertEquals(List.of(1L), node.disk.stream().map(Entry::term).toList());
    }

    @Test
    void aMalformedAppendIsIgnored() {
        receive(new AppendEntries(N2, N1, 1, 0, 0, List.of(entry(7, 1)), 0));
        receive(new AppendEntries(N2, N1, 1, 0, 0, List.of(entry(1, 9)), 0));
        receive(new AppendEntries(
                N2, N1, 1, 0, 0, List.of(new Entry(1, 1, Entry.Type.MEMBERSHIP, bytes("rubbish"))), 0));

        assertEquals(0, node.raft.status().lastIndex());
        assertEquals(0, node.raft.status().term());
    }

    // ---- §5.4.2, figure 8 -----------------------------------------------------------------------------------------

    @Test
    void aLeaderCommitsOnlyEntriesOfItsOwnTermByCounting() {
        append(1, 0, 0, entry(1, 1));
        cluster.network.clear();
        becomeLeader();
        long term = node.raft.status().term();
        assertNotEquals(1, term);

        receive(new AppendEntriesAccepted(N2, N1, term, 1));
        assertEquals(0, node.raft.status().commitIndex(), "a majority holds entry 1, of an older term");

        receive(new AppendEntriesAccepted(N2, N1, term, 2));
        assertEquals(2, node.raft.status().commitIndex());
    }

    @Test
    void aLeaderCountsItselfOnlyWhenItsWriteIsDurable() {
        TestCluster two = new TestCluster(3);
        TestCluster.Node leader = two.elect(1);
        two.isolate(3);
        leader.diskWorks = false;

        leader.raft.propose(1, List.of(bytes("x")));
        two.settle();

        assertTrue(leader.raft.status().commitIndex() < leader.raft.status().lastIndex());
    }

    @Test
    void aCompletionFromBeforeATruncationDoesNotVouchForWhatReplacedIt() {
        node.diskWorks = false;
        append(1, 0, 0, entry(1, 1), entry(2, 1));
        Persist first = node.pending.remove();
        append(2, 0, 0, entry(1, 2), entry(2, 2));

        cluster.write(node, first);

        assertEquals(0, node.raft.status().durableIndex());
        node.diskWorks = true;
        answersOf(() -> {});
        assertEquals(2, node.raft.status().durableIndex());
    }

    // ---- thesis 6.4: reads ----------------------------------------------------------------------------------------

    @Test
    void noReadIsConfirmedBeforeAnEntryOfTheTermIsCommitted() {
        becomeLeader();
        long term = node.raft.status().term();
        node.raft.readIndex(1);

        receive(new HeartbeatResult(N2, N1, term, 1, 0, 0));
        assertEquals(List.of(), reads());

        receive(new AppendEntriesAccepted(N2, N1, term, 1));
        receive(new HeartbeatResult(N2, N1, term, 2, 0, 0));
        assertEquals(List.of(new Output.ReadState(1, 1)), reads());
    }

    @Test
    void anAnswerToAnEarlierRoundDoesNotConfirmALaterRead() {
        becomeLeader();
        long term = node.raft.status().term();
        receive(new AppendEntriesAccepted(N2, N1, term, 1));

        node.raft.readIndex(1);
        answersOf(() -> {});
        receive(new HeartbeatResult(N2, N1, term, 1, 0, 0));
        assertEquals(List.of(), reads());

        receive(new HeartbeatResult(N3, N1, term, 2, 0, 0));
        assertEquals(List.of(new Output.ReadState(1, 1)), reads());
    }

    @Test
    void anAnswerToAHeartbeatOfAnEarlierTermNamesNoRound() {
        receive(new Heartbeat(N2, N1, 5, 0, 1, 0));

        Message answer = receive(new Heartbeat(N3, N1, 4, 0, 21, 0)).get(0);

        // N3 may lead term 5 by the time this arrives, and be in round 21 of it.
        assertEquals(new HeartbeatResult(N1, N3, 5, 0, 0, 0), answer);
    }

    private List<Output.ReadState> reads() {
        List<Output.ReadState> reads = new ArrayList<>();
        node.outputs.forEach(output -> reads.addAll(output.reads()));
        return reads;
    }

    private Message append(long term, long prevIndex, long prevTerm, Entry... entries) {
        List<Message> answers = receive(new AppendEntries(N2, N1, term, prevIndex, prevTerm, List.of(entries), 0));
        return answers.isEmpty() ? new Heartbeat(N1, N1, 0, 0, 0, 0) : answers.get(answers.size() - 1);
    }

    private boolean vote(long term, long lastLogIndex, long lastLogTerm) {
        // a member that hears from a leader would not even answer
        node.raft.tick(cluster.now += 9 * TestCluster.ELECTION);
        List<Message> answers = receive(new RequestVote(N3, N1, term, lastLogIndex, lastLogTerm, false, 0));
        return answers.stream().anyMatch(m -> m instanceof RequestVoteResult result && result.voteGranted());
    }

    private void startPreVote() {
        answersOf(() -> node.raft.tick(cluster.now += 3 * TestCluster.ELECTION));
    }

    private void becomeCandidate() {
        startPreVote();
        receive(new PreVoteResult(
                N2, N1, node.raft.status().term(), node.raft.status().term() + 1, true));
        assertEquals(RaftRole.CANDIDATE, node.raft.status().role());
    }

    private void becomeLeader() {
        becomeCandidate();
        receive(new RequestVoteResult(N2, N1, node.raft.status().term(), true));
        assertTrue(node.leads());
    }

    private static Entry entry(long index, long term) {
        return Entry.command(index, term, bytes(index + "@" + term));
    }

    private List<Message> receive(Message message) {
        return answersOf(() -> node.raft.receive(message));
    }

    /** What the member sends, with nobody else answering. */
    private List<Message> answersOf(Runnable verb) {
        int before = node.sent.size();
        cluster.filter = message -> false;
        verb.run();
        cluster.settle();
        return List.copyOf(node.sent.subList(before, node.sent.size()));
    }
}
