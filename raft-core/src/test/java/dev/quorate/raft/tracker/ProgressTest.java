package dev.quorate.raft.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.tracker.Progress.State;
import org.junit.jupiter.api.Test;

/** What a leader knows of a follower, by the arrows of the picture in {@link Progress}. */
class ProgressTest {

    private static final NodeId LEADER = NodeId.of("n1");

    private final Progress progress = new Progress(11, 4, 1_000, 0);

    @Test
    void aProbeIsOneMessageAtATime() {
        assertTrue(progress.mayAppend());

        progress.sent(10, 0);

        assertFalse(progress.mayAppend());
        assertEquals(11, progress.next(), "what a probe carried is not known to have arrived");
    }

    @Test
    void anAcceptedProbeBeginsReplication() {
        progress.sent(10, 0);

        assertTrue(progress.accepted(7));

        assertEquals(State.REPLICATE, progress.state());
        assertEquals(7, progress.match());
        assertEquals(8, progress.next());
    }

    @Test
    void replicationSendsAheadUntilThePlacesAreTaken() {
        replicateFrom(7);

        for (long last = 8; last <= 11; last++) {
            assertTrue(progress.mayAppend());
            progress.sent(last, 1);
        }

        assertEquals(12, progress.next());
        assertFalse(progress.mayAppend());
        progress.accepted(8);
        assertTrue(progress.mayAppend());
    }

    @Test
    void matchNeverFalls() {
        replicateFrom(7);

        assertFalse(progress.accepted(3));
        progress.refused(5, 2);
        progress.unreachable();
        progress.accepted(4);
        progress.snapshotInstalled(6);

        assertEquals(7, progress.match());
        assertEquals(8, progress.next());
    }

    /** Found by the simulator: seed 24 of the version that first had this test. */
    @Test
    void aLateAnswerToAnEarlierSnapshotIsNewsOfTheMatchInAnyState() {
        progress.snapshotInstalled(20);
        assertEquals(20, progress.match());
        assertEquals(21, progress.next());

        progress.accepted(20);
        progress.sent(25, 1);
        progress.snapshotInstalled(30);

        assertEquals(30, progress.match());
        assertEquals(31, progress.next());
        assertFalse(progress.hasInflights());
    }

    @Test
    void aRefusedProbeStepsBackToWhereTheLogsCanAgree() {
        progress.sent(10, 0);

        assertTrue(progress.refused(10, 4));

        assertEquals(5, progress.next());
        assertTrue(progress.mayAppend());
    }

    @Test
    void aRefusalGoesBackByOneAtLeastAndNeverBelowTheMatch() {
        progress.refused(10, 99);
        assertEquals(10, progress.next());

        progress.accepted(7);
        progress.unreachable();
        progress.sent(7, 0);

        assertFalse(progress.refused(7, 0));
        assertEquals(8, progress.next());
        assertFalse(progress.mayAppend(), "the same question waits for the next heartbeat");
    }

    @Test
    void aRefusalOfAnEarlierProbeIsOldNews() {
        progress.refused(10, 4);
        progress.sent(4, 0);

        assertFalse(progress.refused(10, 4));

        assertFalse(progress.mayAppend());
    }

    @Test
    void aRefusalWhileReplicatingProbesFromTheMatch() {
        replicateFrom(7);
        progress.sent(9, 1);
        progress.sent(11, 1);

        assertTrue(progress.refused(9, 9));

        assertEquals(State.PROBE, progress.state());
        assertEquals(8, progress.next());
        assertFalse(progress.hasInflights());
    }

    @Test
    void nothingIsSentWhileASnapshotIsOnOffer() {
        progress.snapshotOffered(50, LEADER, 1);

        assertFalse(progress.mayAppend());
        assertFalse(progress.refused(10, 4));
        progress.unreachable();
        assertEquals(State.SNAPSHOT, progress.state());
    }

    @Test
    void anInstalledSnapshotIsFollowedByAProbeAfterIt() {
        progress.snapshotOffered(50, LEADER, 1);

        progress.snapshotInstalled(50);

        assertEquals(State.PROBE, progress.state());
        assertEquals(51, progress.next());
    }

    @Test
    void aFollowerThatHoldsTheOfferedSnapshotByItsLogIsProbedToo() {
        progress.snapshotOffered(50, LEADER, 1);

        progress.accepted(49);
        assertEquals(State.SNAPSHOT, progress.state());
        progress.accepted(60);

        assertEquals(State.PROBE, progress.state());
        assertEquals(61, progress.next());
        assertEquals(Progress.NO_OFFER, progress.oldestOfferIndex());
    }

    @Test
    void theOldestUnansweredOfferIsRemembered() {
        assertEquals(Progress.NO_OFFER, progress.oldestOfferIndex());

        progress.snapshotOffered(50, LEADER, 1);
        progress.pause();
        progress.snapshotOffered(90, LEADER, 2);

        assertEquals(50, progress.oldestOfferIndex());
        progress.offerAnswered();
        assertEquals(Progress.NO_OFFER, progress.oldestOfferIndex());
    }

    @Test
    void aProbeWithoutAnAnswerIsRepeatedCheaply() {
        progress.sent(10, 0);

        progress.releaseProbe();

        assertTrue(progress.mayAppend());
        assertTrue(progress.isUnanswered());
        progress.contact(5);
        assertFalse(progress.isUnanswered());
    }

    @Test
    void nothingIsSentWhileEntriesAreFetchedUnlessTheyAreNotNeededAnyMore() {
        replicateFrom(7);

        progress.fetchStarted();
        assertFalse(progress.mayAppend());

        progress.accepted(9);
        assertFalse(progress.isFetching());
        assertTrue(progress.mayAppend());
    }

    private void replicateFrom(long match) {
        progress.accepted(match);
        assertEquals(State.REPLICATE, progress.state());
    }
}
