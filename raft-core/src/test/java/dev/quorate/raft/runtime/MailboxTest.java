package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What waits for the raft thread has a limit, and an answer in any case. */
final class MailboxTest {

    private static final long DEADLINE = Long.MAX_VALUE;

    private final Mailbox mailbox = new Mailbox(2);

    private Proposal<String> submit() {
        Proposal<String> proposal = new Proposal<>(new byte[1], DEADLINE);
        mailbox.submit(proposal);
        return proposal;
    }

    @Test
    void aFullMailboxRefusesAtOnceAndForSure() {
        Proposal<String> first = submit();
        assertFalse(submit().isDone());

        RaftException failure = Await.failure(RaftException.Overloaded.class, submit());

        assertTrue(failure.isDefinite());
        assertTrue(String.valueOf(failure.getMessage()).contains("2 requests"), failure::getMessage);
        assertSame(first, mailbox.pollRequest());
        assertFalse(submit().isDone(), "there is room again");
    }

    @Test
    void peersCanBeDroppedAndNeverTakeTheRequestsPlaces() {
        Message message = new Message.TimeoutNow(NodeId.of("a"), NodeId.of("b"), 1, 0);
        for (int i = 0; i < Mailbox.PEER_CAPACITY + 10; i++) {
            mailbox.receive(message);
        }
        assertFalse(submit().isDone());

        int waiting = 0;
        while (mailbox.pollFromPeers() != null) {
            waiting++;
        }
        assertEquals(Mailbox.PEER_CAPACITY, waiting);
    }

    @Test
    void aClosedMailboxRefusesWhatComesAndWhatWasNeverTaken() {
        Proposal<String> waiting = submit();
        mailbox.close("it was closed");
        Proposal<String> late = submit();
        assertFalse(waiting.isDone(), "the raft thread may still take it");

        mailbox.abandon();

        for (Proposal<String> each : List.of(waiting, late)) {
            assertTrue(Await.failure(RaftException.Stopped.class, each).isDefinite());
        }
    }

    @Test
    void nobodyIsForgottenWhenManySubmitWhileItCloses() throws InterruptedException {
        Mailbox large = new Mailbox(1 << 16);
        List<Proposal<String>> all = java.util.Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 2_000; i++) {
                    Proposal<String> proposal = new Proposal<>(new byte[1], DEADLINE);
                    large.submit(proposal);
                    all.add(proposal);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (int i = 0; i < 1_000; i++) {
            Request taken = large.pollRequest();
            if (taken != null) {
                taken.refuse(new RaftException.Overloaded("taken"));
            }
        }
        large.close("test");
        large.abandon();
        for (Thread thread : threads) {
            thread.join();
        }

        assertEquals(8_000, all.size());
        assertTrue(all.stream().allMatch(Proposal::isDone));
    }

    @Test
    void arrivalsWakeTheSleeper() throws InterruptedException {
        Thread sleeper = new Thread(() -> mailbox.sleep(TimeUnit.HOURS.toNanos(1)));
        sleeper.start();
        Await.until("it to sleep", () -> sleeper.getState() == Thread.State.TIMED_WAITING);

        assertFalse(submit().isDone());

        sleeper.join(TimeUnit.SECONDS.toMillis(10));
        assertFalse(sleeper.isAlive());
        assertNotNull(mailbox.pollRequest());
    }
}
