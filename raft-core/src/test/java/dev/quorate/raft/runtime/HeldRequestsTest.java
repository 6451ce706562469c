package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.ReadConsistency;
import dev.quorate.raft.model.Entry;
import org.junit.jupiter.api.Test;

/** Who waits for a leader, and how that ends. */
final class HeldRequestsTest {

    private static final long WAIT_NANOS = 100;
    private static final long NO_DEADLINE = 1_000_000;
    private static final int PAYLOAD_BYTES = 100;
    private static final long SIZE_BYTES = Entry.OVERHEAD_BYTES + PAYLOAD_BYTES;

    private static HeldRequests held(int maxCount, long maxBytes) {
        return new HeldRequests(maxCount, maxBytes, WAIT_NANOS);
    }

    private static Proposal<String> proposal(long deadlineNanos) {
        return new Proposal<>(new byte[PAYLOAD_BYTES], deadlineNanos);
    }

    @Test
    void requestsLeaveInTheOrderInWhichTheyCame() {
        HeldRequests held = held(10, 1_000);
        Proposal<String> first = proposal(NO_DEADLINE);
        Read second = new Read(ReadConsistency.LINEARIZABLE, NO_DEADLINE);
        held.hold(first, 0);
        held.hold(second, 1);

        assertSame(first, held.poll());
        assertSame(second, held.poll());
        assertNull(held.poll());
        assertTrue(held.isEmpty());
    }

    @Test
    void oneThatWaitedItsTimeEndsDefinitelyAndTheRestWaitOn() {
        HeldRequests held = held(10, 1_000);
        Proposal<String> early = proposal(NO_DEADLINE);
        Proposal<String> late = proposal(NO_DEADLINE);
        held.hold(early, 0);
        held.hold(late, 1);

        held.expire(WAIT_NANOS);

        assertTrue(Await.failure(RaftException.NotLeader.class, early).isDefinite());
        assertFalse(late.isDone());
        assertSame(late, held.poll());
    }

    @Test
    void aRequestWhoseOwnTimeIsOverSoonerEndsThen() {
        HeldRequests held = held(10, 1_000);
        Proposal<String> impatient = proposal(30);
        held.hold(impatient, 10);

        held.expire(29);
        assertFalse(impatient.isDone());

        held.expire(30);
        Await.failure(RaftException.NotLeader.class, impatient);
    }

    @Test
    void moreThanTheLimitOfRequestsIsRefusedForSure() {
        HeldRequests held = held(1, 1_000_000);
        Proposal<String> fits = proposal(NO_DEADLINE);
        Proposal<String> tooMany = proposal(NO_DEADLINE);
        held.hold(fits, 0);
        held.hold(tooMany, 0);

        assertTrue(Await.failure(RaftException.Overloaded.class, tooMany).isDefinite());
        assertFalse(fits.isDone());
    }

    @Test
    void bytesThatHaveLeftMakeRoomForOthersAndOneRequestAlwaysFits() {
        HeldRequests held = held(10, SIZE_BYTES);
        held.hold(proposal(NO_DEADLINE), 0);
        Proposal<String> tooMuch = proposal(NO_DEADLINE);
        held.hold(tooMuch, 0);
        Await.failure(RaftException.Overloaded.class, tooMuch);

        held.poll();
        Proposal<String> large = new Proposal<>(new byte[10_000], NO_DEADLINE);
        held.hold(large, 0);

        assertFalse(large.isDone());
    }

    @Test
    void atTheEndEverybodyIsTold() {
        HeldRequests held = held(10, 1_000);
        Proposal<String> proposal = proposal(NO_DEADLINE);
        Read read = new Read(ReadConsistency.LINEARIZABLE, NO_DEADLINE);
        held.hold(proposal, 0);
        held.hold(read, 0);

        held.refuseAll(new RaftException.Stopped("over"));

        assertTrue(Await.failure(RaftException.Stopped.class, proposal).isDefinite());
        assertEquals(
                "the node is stopped: over",
                Await.failure(RaftException.Stopped.class, read).getMessage());
        assertTrue(held.isEmpty());
    }
}
