package dev.quorate.raft.simulator.invariant;

import static dev.quorate.raft.RaftRole.CANDIDATE;
import static dev.quorate.raft.RaftRole.FOLLOWER;
import static dev.quorate.raft.RaftRole.LEADER;
import static dev.quorate.raft.simulator.invariant.History.ALL;
import static dev.quorate.raft.simulator.invariant.History.N1;
import static dev.quorate.raft.simulator.invariant.History.N2;
import static dev.quorate.raft.simulator.invariant.History.N3;
import static dev.quorate.raft.simulator.invariant.History.entry;
import static dev.quorate.raft.simulator.invariant.History.snapshot;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.session.SessionCommand;
import dev.quorate.raft.session.SessionRefusal;
import dev.quorate.raft.session.SessionVerdict;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Each invariant sees its own violation in a history made by hand, and none in a good one: no check is dead. */
class InvariantsFireTest {

    private final History history = new History();
    private final NodeView n1 = history.cluster.node(N1);
    private final NodeView n2 = history.cluster.node(N2);

    @Test
    void aGoodHistoryPasses() {
        history.elect(N1, 1).commit(N1, N2, 1, 1, 3);
        history.batch(N2, FOLLOWER, 1)
                .commits(3)
                .applies(3, entry(1, 1), entry(2, 1), entry(3, 1))
                .endsDurably();
        for (int i = 1; i <= 3; i++) {
            history.observer.applied(n2, entry(i, 1), 100 + i);
        }
        history.crash(N1);
        history.start(N1, 0);
        history.batch(N3, FOLLOWER, 1)
                .appends(entry(1, 1), entry(2, 1), entry(3, 1))
                .endsDurably();
        history.elect(N2, 2).commit(N2, N3, 2, 4, 4);

        assertEquals(4, history.cluster.committed().lastIndex());
    }

    // ---- elections ------------------------------------------------------------------------------------------------

    @Test
    void electionSafetySeesASecondLeaderInATerm() {
        history.elect(N1, 1);

        fires("ElectionSafety", () -> history.batch(N2, LEADER, 1).ends());
    }

    @Test
    void electionSafetySeesALeaderThatLeadsOnAfterARestart() {
        history.elect(N1, 1);
        history.crash(N1);
        history.start(N1, 0);

        fires("ElectionSafety", () -> history.batch(N1, LEADER, 1).ends());
    }

    @Test
    void voteOnceSeesASecondVoteInATerm() {
        history.elect(N1, 1);

        fires("VoteOnce", () -> history.batch(N2, FOLLOWER, 1).votes(1, N3).endsDurably());
    }

    @Test
    void voteOnceSeesAVoteThatLeavesBeforeItIsDurable() {
        fires(
                "VoteOnce",
                () -> history.batch(N2, FOLLOWER, 1)
                        .votes(1, N1)
                        .sends(new Message.RequestVoteResult(N2, N1, 1, true))
                        .ends());
    }

    @Test
    void voteOnceSeesACandidateThatAsksBeforeItsLogIsDurable() {
        history.batch(N1, FOLLOWER, 1).votes(1, null).endsDurably();
        history.batch(N1, FOLLOWER, 1).appends(entry(1, 1)).ends();

        fires(
                "VoteOnce",
                () -> history.durable(
                        N1,
                        history.batch(N1, CANDIDATE, 2)
                                .votes(2, N1)
                                .sendsWhenDurable(new Message.RequestVote(N1, N2, 2, 1, 1, false, 0))
                                .ends()));
    }

    @Test
    void voteOnceSeesALeaderWithoutAQuorumOfVotes() {
        history.batch(N1, CANDIDATE, 1).votes(1, N1).endsDurably();

        fires("VoteOnce", () -> history.batch(N1, LEADER, 1).ends());
    }

    // ---- logs -----------------------------------------------------------------------------------------------------

    @Test
    void leaderAppendOnlySeesALeaderThatOverwrites() {
        history.elect(N1, 1);
        history.batch(N1, LEADER, 1).appends(entry(1, 1), entry(2, 1)).endsDurably();

        fires(
                "LeaderAppendOnly",
                () -> history.batch(N1, LEADER, 1).appends(entry(2, 1)).ends());
    }

    @Test
    void logMatchingSeesTwoEntriesWithOneIndexAndTerm() {
        history.batch(N1, FOLLOWER, 1).appends(entry(1, 1)).ends();
        fires(
                "LogMatching",
                () -> history.batch(N2, FOLLOWER, 1).appends(Entry.noOp(1, 1)).ends());
    }

    @Test
    void logMatchingSeesEqualEntriesAfterUnequalPrefixes() {
        history.batch(N1, FOLLOWER, 3).appends(entry(1, 1), entry(2, 3)).ends();

        fires(
                "LogMatching",
                () -> history.batch(N2, FOLLOWER, 3)
                        .appends(entry(1, 2), entry(2, 3))
                        .ends());
    }

    @Test
    void writesThatLeaveAGapAreSeen() {
        fires(
                "WritesFitTheLog",
                () -> history.batch(N1, FOLLOWER, 1).appends(entry(2, 1)).ends());
    }

    @Test
    void leaderCompletenessSeesALeaderWithoutACommittedEntry() {
        history.elect(N1, 1).commit(N1, N2, 1, 1, 1);

        fires("LeaderCompleteness", () -> history.elect(N3, 2));
    }

    @Test
    void leaderCompletenessSeesAnOldLeaderCommitWhatTheNewOneLacks() {
        history.elect(N1, 1);
        history.batch(N1, LEADER, 1).appends(entry(1, 1)).endsDurably();
        history.batch(N2, FOLLOWER, 1).appends(entry(1, 1)).endsDurably();
        history.batch(N3, CANDIDATE, 2).votes(2, N3).endsDurably();
        history.batch(N2, FOLLOWER, 2)
                .votes(2, N3)
                .sendsWhenDurable(new Message.RequestVoteResult(N2, N3, 2, true))
                .endsDurably();
        history.batch(N3, LEADER, 2).endsDurably();

        fires(
                "LeaderCompleteness",
                () -> history.batch(N1, LEADER, 1).commits(1).ends());
    }

    // ---- commit ---------------------------------------------------------------------------------------------------

    @Test
    void commitRuleSeesAnEntryOfAnEarlierTermThatIsCounted() {
        history.elect(N1, 1);
        history.batch(N1, LEADER, 1).appends(entry(1, 1)).endsDurably();
        history.batch(N2, FOLLOWER, 1).appends(entry(1, 1)).endsDurably();
        history.elect(N1, 2);

        fires("CommitRule", () -> history.batch(N1, LEADER, 2).commits(1).ends());
    }

    @Test
    void commitRuleSeesACommitThatNoQuorumOfDisksHolds() {
        history.elect(N1, 1);
        history.batch(N1, LEADER, 1).appends(entry(1, 1)).endsDurably();
        history.batch(N2, FOLLOWER, 1).appends(entry(1, 1)).ends();

        fires("CommitRule", () -> history.batch(N1, LEADER, 1).commits(1).ends());
    }

    @Test
    void commitRuleSeesAFollowerThatCommitsFirst() {
        history.elect(N1, 1);
        history.batch(N1, LEADER, 1).appends(entry(1, 1)).endsDurably();
        history.batch(N2, FOLLOWER, 1).appends(entry(1, 1)).endsDurably();

        fires("CommitRule", () -> history.batch(N2, FOLLOWER, 1).commits(1).ends());
    }

    @Test
    void stateMachineSafetySeesAFollowerThatCommitsAnUncheckedTail() {
        history.batch(N3, FOLLOWER, 0).votes(1, null).endsDurably();
        history.batch(N3, FOLLOWER, 1).appends(entry(1, 1)).endsDurably();
        history.elect(N1, 2).commit(N1, N2, 2, 1, 1);

        fires(
                "StateMachineSafety",
                () -> history.batch(N3, FOLLOWER, 2).commits(1).ends());
    }

    @Test
    void committedIsDurableSeesADiskThatLosesACommittedEntry() {
        history.elect(N1, 1).commit(N1, N2, 1, 1, 1);
        history.batch(N2, FOLLOWER, 2).votes(2, null).endsDurably();

        fires(
                "CommittedIsDurable",
                () -> history.durable(
                        N2, history.batch(N2, FOLLOWER, 2).appends(entry(1, 2)).ends()));
    }

    @Test
    void acknowledgedIsDurableSeesAnAcknowledgementBeforeTheSync() {
        history.elect(N1, 1);
        history.batch(N1, LEADER, 1).appends(entry(1, 1)).endsDurably();

        fires(
                "AcknowledgedIsDurable",
                () -> history.batch(N2, FOLLOWER, 1)
                        .appends(entry(1, 1))
                        .sends(new Message.AppendEntriesAccepted(N2, N1, 1, 1))
                        .ends());
    }

    @Test
    void acknowledgedIsDurableSeesAnAcknowledgementByLength() {
        history.batch(N2, FOLLOWER, 1)
                .votes(1, null)
                .appends(entry(1, 1), entry(2, 1))
                .endsDurably();
        history.elect(N1, 2);
        history.batch(N1, LEADER, 2).appends(entry(1, 2), entry(2, 2)).endsDurably();

        fires(
                "AcknowledgedIsDurable",
                () -> history.batch(N2, FOLLOWER, 2)
                        .sends(new Message.AppendEntriesAccepted(N2, N1, 2, 2))
                        .ends());
    }

    // ---- what is applied ------------------------------------------------------------------------------------------

    @Test
    void stateMachineSafetySeesAnotherEntryApplied() {
        history.elect(N1, 1).commit(N1, N2, 1, 1, 1);

        fires("StateMachineSafety", () -> history.observer.applied(n2, Entry.noOp(1, 1), 0));
    }

    @Test
    void stateMachineSafetySeesAStateThatDiffers() {
        history.elect(N1, 1).commit(N1, N2, 1, 1, 1);
        history.observer.applied(n1, entry(1, 1), 7);

        fires("StateMachineSafety", () -> history.observer.applied(n2, entry(1, 1), 8));
    }

    @Test
    void appliedInOrderSeesAGap() {
        history.elect(N1, 1).commit(N1, N2, 1, 1, 2);

        fires("AppliedInOrder", () -> history.observer.applied(n1, entry(2, 1), 0));
    }

    @Test
    void appliedInOrderSeesEntriesThatAreNotDurableHere() {
        history.elect(N1, 1).commit(N1, N2, 1, 1, 1);
        history.batch(N3, FOLLOWER, 1).appends(entry(1, 1)).ends();

        fires(
                "AppliedInOrder",
                () -> history.batch(N3, FOLLOWER, 1)
                        .commits(1)
                        .applies(1, entry(1, 1))
                        .ends());
    }

    @Test
    void appliedInOrderSeesASecondTime() {
        history.elect(N1, 1).commit(N1, N2, 1, 1, 1);
        history.batch(N1, LEADER, 1).applies(1, entry(1, 1)).endsDurably();

        fires(
                "AppliedInOrder",
                () -> history.batch(N1, LEADER, 1).applies(1, entry(1, 1)).ends());
    }

    // ---- what never goes back -------------------------------------------------------------------------------------

    @Test
    void monotoneSeesATermThatFalls() {
        history.batch(N1, FOLLOWER, 5).votes(5, null).endsDurably();

        fires("Monotone", () -> history.batch(N1, FOLLOWER, 4).ends());
    }

    @Test
    void monotoneSeesACommitIndexThatFalls() {
        history.elect(N1, 1).commit(N1, N2, 1, 1, 2);

        fires("Monotone", () -> history.batch(N1, LEADER, 1).commits(1).ends());
    }

    @Test
    void monotoneSeesAMatchIndexThatFalls() {
        history.elect(N1, 1);
        history.batch(N1, LEADER, 1).knowsMatch(N2, 5).ends();

        fires("Monotone", () -> history.batch(N1, LEADER, 1).knowsMatch(N2, 4).ends());
    }

    @Test
    void monotoneSeesALogThatIsAheadOfTheDurableTerm() {
        fires(
                "Monotone",
                () -> history.batch(N1, FOLLOWER, 1).appends(entry(1, 1)).endsDurably());
    }

    @Test
    void membershipInForceSeesAnotherOneThanTheLogSays() {
        assertTrue(ALL.isVoter(N3));

        fires(
                "MembershipInForce",
                () -> history.batch(N1, FOLLOWER, 1)
                        .uses(Membership.of(List.of(N1, N2)))
                        .ends());
    }

    // ---- snapshots ------------------------------------------------------------------------------------------------

    @Test
    void snapshotFidelitySeesALogThatStartsAfterWhatIsNotCommitted() {
        history.elect(N1, 1).commit(N1, N2, 1, 1, 2);

        fires(
                "SnapshotFidelity",
                () -> history.batch(N3, FOLLOWER, 1).resetsTo(snapshot(5, 1)).ends());
    }

    @Test
    void snapshotFidelitySeesAnotherStateThanReplayGives() {
        history.elect(N1, 1).commit(N1, N2, 1, 1, 1);
        history.observer.applied(n1, entry(1, 1), 7);

        fires("SnapshotFidelity", () -> history.observer.installed(history.cluster.node(N3), snapshot(1, 1), 8));
    }

    @Test
    void appliedInOrderSeesAnOlderSnapshotOverNewerState() {
        history.elect(N1, 1).commit(N1, N2, 1, 1, 2);
        history.observer.applied(n1, entry(1, 1), 1);
        history.observer.applied(n1, entry(2, 1), 2);

        fires("AppliedInOrder", () -> history.observer.installed(n1, snapshot(1, 1), 1));
    }

    // ---- clients --------------------------------------------------------------------------------------------------

    @Test
    void linearizableReadsSeesAStaleRead() {
        LinearizableReads reads = history.observer.reads();
        reads.writeAcknowledged(n1, reads.begins(), 10);
        long known = reads.begins();

        fires("LinearizableReads", () -> reads.readAnswered(n2, known, 9, 9));
    }

    @Test
    void linearizableReadsSeesAReadThatDidNotWaitForItsIndex() {
        LinearizableReads reads = history.observer.reads();

        fires("LinearizableReads", () -> reads.readAnswered(n2, reads.begins(), 9, 8));
    }

    @Test
    void aReadThatMayMissSomethingMustStillWaitForItsIndexAndIsKnownAfterwards() {
        LinearizableReads reads = history.observer.reads();
        reads.weakerReadAnswered(n1, 3, 7);

        fires("LinearizableReads", () -> reads.weakerReadAnswered(n2, 9, 8));
        fires("LinearizableReads", () -> reads.readAnswered(n2, reads.begins(), 6, 6));
    }

    @Test
    void boundedStalenessSeesAReadThatIsStalerThanItsBound() {
        BoundedStaleness staleness = history.observer.staleness();
        staleness.known(100, 10);
        staleness.known(200, 11);
        staleness.readAnswered(n1, 99, 0);
        staleness.readAnswered(n1, 199, 10);

        fires("BoundedStaleness", () -> staleness.readAnswered(n2, 200, 10));
    }

    // ---- damaged logs ---------------------------------------------------------------------------------------------

    @Test
    void repairedIsWholeSeesALogThatIsCalledWholeTooEarly() {
        history.elect(N1, 1).commit(N1, N2, 1, 1, 3);
        history.damage(N2, 2);
        history.batch(N2, FOLLOWER, 1).appends(entry(2, 1)).endsDurably();

        fires(
                "RepairedIsWhole",
                () -> history.batch(N2, FOLLOWER, 1).saysThatItIsRepaired().ends());
        history.batch(N2, FOLLOWER, 1).appends(entry(3, 1)).endsDurably();
        history.batch(N2, FOLLOWER, 1).saysThatItIsRepaired().endsDurably();
    }

    @Test
    void repairedIsWholeSeesAVoteOfADamagedMember() {
        history.elect(N1, 1).commit(N1, N2, 1, 1, 3);
        history.damage(N2, 2);

        fires(
                "RepairedIsWhole",
                () -> history.batch(N2, FOLLOWER, 2)
                        .votes(2, N3)
                        .sendsWhenDurable(new Message.RequestVoteResult(N2, N3, 2, true))
                        .endsDurably());
    }

    // ---- sessions -------------------------------------------------------------------------------------------------

    private static final byte[] ANSWER = {1};
    private static final SessionCommand.Apply FIRST = new SessionCommand.Apply(5, 1, 1, new byte[4]);
    private static final SessionVerdict.Run RUN = new SessionVerdict.Run(5, 1, new byte[4]);

    private ExactlyOnce opened() {
        ExactlyOnce once = history.observer.exactlyOnce();
        once.decided(n1, 0, 5, new SessionCommand.Open(6_000, 1, 8), new SessionVerdict.Opened(5), null);
        return once;
    }

    @Test
    void exactlyOnceSeesACommandThatRunsTwice() {
        ExactlyOnce once = opened();
        once.decided(n1, 1, 6, FIRST, RUN, ANSWER);
        once.decided(n2, 1, 6, FIRST, RUN, ANSWER);
        once.decided(n1, 2, 7, FIRST, new SessionVerdict.Repeated(ANSWER), null);

        fires("ExactlyOnce", () -> once.decided(n1, 3, 8, FIRST, RUN, ANSWER));
    }

    @Test
    void exactlyOnceSeesARepeatedCommandWithAnotherAnswer() {
        ExactlyOnce once = opened();
        once.decided(n1, 1, 6, FIRST, RUN, ANSWER);

        fires("ExactlyOnce", () -> once.decided(n1, 2, 7, FIRST, new SessionVerdict.Repeated(new byte[] {2}), null));
    }

    @Test
    void exactlyOnceSeesMembersThatDoNotAgree() {
        ExactlyOnce once = opened();
        once.decided(n1, 1, 6, FIRST, RUN, ANSWER);

        fires("ExactlyOnce", () -> once.decided(n2, 1, 6, FIRST, RUN, new byte[] {2}));
    }

    @Test
    void exactlyOnceSeesASessionThatEndsBeforeItsTime() {
        ExactlyOnce once = opened();
        SessionVerdict over = new SessionVerdict.Refused(SessionRefusal.EXPIRED);

        fires("ExactlyOnce", () -> once.decided(n1, 1_999_000_000L, 6, FIRST, over, null));
    }

    @Test
    void exactlyOnceLetsASessionEndWhenAFastClockMayHaveCountedItsTimeout() {
        ExactlyOnce once = opened();
        SessionVerdict over = new SessionVerdict.Refused(SessionRefusal.EXPIRED);
        once.decided(n1, 2_000_000_000L, 6, FIRST, over, null);
        once.neverRuns(5, 1);

        fires("ExactlyOnce", () -> once.decided(n1, 3_000_000_000L, 7, FIRST, RUN, ANSWER));
    }

    @Test
    void exactlyOnceSeesARefusalForGoodOfWhatRan() {
        ExactlyOnce once = opened();
        once.decided(n1, 1, 6, FIRST, RUN, ANSWER);

        fires("ExactlyOnce", () -> once.neverRuns(5, 1));
    }

    @Test
    void exactlyOnceSeesAClientWhoIsToldOfWhatNeverRan() {
        fires("ExactlyOnce", () -> opened().clientKnows(5, 1, RUN));
    }

    @Test
    void linearizableReadsSeesAWriteThatTookItsPlaceInThePast() {
        LinearizableReads reads = history.observer.reads();
        reads.writeAcknowledged(n1, reads.begins(), 10);
        long known = reads.begins();

        fires("LinearizableReads", () -> reads.writeAcknowledged(n2, known, 9));
    }

    @Test
    void answersAreTrueSeesADefiniteFailureThatIsCommittedLater() {
        history.elect(N1, 1);
        history.observer.answers().writeFailed(n2, 1_001, "OVERLOADED");

        fires("AnswersAreTrue", () -> history.commit(N1, N2, 1, 1, 1));
    }

    @Test
    void answersAreTrueSeesADefiniteFailureOfWhatIsCommitted() {
        history.elect(N1, 1).commit(N1, N2, 1, 1, 1);

        fires("AnswersAreTrue", () -> history.observer.answers().writeFailed(n2, 1_001, "NOT_LEADER"));
    }

    @Test
    void answersAreTrueSeesACommandThatIsCommittedTwice() {
        history.elect(N1, 1).commit(N1, N2, 1, 1, 1);
        Entry again = Entry.command(2, 1, entry(1, 1).payload());
        history.batch(N1, LEADER, 1).appends(again).endsDurably();
        history.batch(N2, FOLLOWER, 1).appends(again).endsDurably();

        fires("AnswersAreTrue", () -> history.batch(N1, LEADER, 1).commits(2).ends());
    }

    @Test
    void answersAreTrueSeesAnAcknowledgementOfWhatIsNotCommitted() {
        fires("AnswersAreTrue", () -> history.observer.answers().writeAcknowledged(n1, 1_001, 1));
    }

    @Test
    void answersAreTrueSeesTwoAnswersToOneRequest() {
        history.observer.answers().answered(n1, 1, "accepted");

        fires("AnswersAreTrue", () -> history.observer.answers().answered(n1, 1, "NO_LEADER"));
    }

    @Test
    void aMemberThatFencesItselfIsSeen() {
        fires(
                "NoMemberFencesItself",
                () -> history.batch(N1, LEADER, 1).fencesItself().ends());
    }

    private static void fires(String invariant, Executable event) {
        InvariantViolation violation = assertThrows(InvariantViolation.class, event);
        assertEquals(invariant, violation.invariant(), violation.getMessage());
    }
}
