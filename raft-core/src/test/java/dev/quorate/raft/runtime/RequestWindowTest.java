package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RequestWindowTest {

    private final RequestWindow<Proposal<String>> window = new RequestWindow<>();

    private Proposal<String> add(long deadlineNanos) {
        Proposal<String> proposal = new Proposal<>(new byte[0], deadlineNanos);
        window.add(proposal);
        return proposal;
    }

    @Test
    void findsRequestsByTheirNumberWhileItGrowsAndMoves() {
        List<Proposal<String>> all = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            all.add(add(Long.MAX_VALUE));
            if (i % 3 == 0) {
                all.get(i / 3).complete("done");
                window.trim();
            }
        }
        for (int number = 1; number <= all.size(); number++) {
            Proposal<String> found = window.get(number);
            Proposal<String> expected = all.get(number - 1);
            if (expected.isDone()) {
                assertTrue(found == null || found == expected);
            } else {
                assertSame(expected, found);
            }
        }
        assertNull(window.get(0));
        assertNull(window.get(5_001));
    }

    @Test
    void failsWhatIsOverdueAndKeepsTheRest() {
        Proposal<String> overdue = add(100);
        Proposal<String> patient = add(200);

        window.expire(99);
        assertFalse(overdue.isDone());
        window.expire(100);

        Await.failure(RaftException.OutcomeUnknown.class, overdue);
        assertFalse(patient.isDone());
        assertEquals(1, window.size());
    }

    @Test
    void whatWasAnsweredBehindAWaitingRequestIsLetGo() {
        Proposal<String> waiting = add(1_000);
        add(1_000).complete("done");

        window.expire(0);

        assertSame(waiting, window.get(1));
        assertNull(window.get(2));
        assertEquals(2, window.size());
    }

    @Test
    void drainingEndsEveryRequestOnce() {
        Proposal<String> waiting = add(Long.MAX_VALUE);
        Proposal<String> done = add(Long.MAX_VALUE);
        done.complete("done");
        List<Proposal<String>> drained = new ArrayList<>();

        window.drain(drained::add);

        assertEquals(1, drained.size());
        assertSame(waiting, drained.get(0));
        assertEquals(0, window.size());
    }
}
