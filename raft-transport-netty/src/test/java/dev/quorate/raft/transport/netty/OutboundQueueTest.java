package dev.quorate.raft.transport.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboundQueueTest {

    private static final Message HEARTBEAT = new Message.Heartbeat(Messages.FROM, Messages.TO, 3, 0, 1, 0);

    private static Message append(int prevLogIndex, int bytes) {
        Entry entry = Entry.command(prevLogIndex + 1, 3, new byte[bytes]);
        return new Message.AppendEntries(Messages.FROM, Messages.TO, 3, prevLogIndex, 3, List.of(entry), 0);
    }

    @Test
    void urgentMessagesOvertakeEntriesAndEachKindKeepsItsOrder() {
        OutboundQueue queue = new OutboundQueue(1 << 20);
        Message result = new Message.ProposeResult(Messages.FROM, Messages.TO, 3, 1, 1, 1, 1);
        List.of(append(0, 10), HEARTBEAT, append(1, 10), result).forEach(queue::offer);

        List<Message> out = List.of(polled(queue), polled(queue), polled(queue), polled(queue));

        assertEquals(List.of(HEARTBEAT, result, append(0, 10), append(1, 10)), out);
        assertNull(queue.poll());
    }

    @Test
    void aFullQueueOfEntriesStillTakesHeartbeats() {
        OutboundQueue queue = new OutboundQueue(1_000);
        assertTrue(queue.offer(append(0, 800)));

        assertFalse(queue.offer(append(1, 800)));
        assertTrue(queue.offer(HEARTBEAT));
    }

    @Test
    void whatWasTakenOutMakesRoom() {
        OutboundQueue queue = new OutboundQueue(1_000);
        queue.offer(append(0, 800));

        polled(queue);

        assertTrue(queue.offer(append(1, 800)));
    }

    @Test
    void anEmptyQueueTakesAMessageOfAnySize() {
        OutboundQueue queue = new OutboundQueue(1_000);

        assertTrue(queue.offer(append(0, 10_000)));
        assertFalse(queue.offer(append(1, 1)));
    }

    @Test
    void heartbeatsHaveALimitToo() {
        OutboundQueue queue = new OutboundQueue(1_000);
        int taken = 0;
        while (queue.offer(HEARTBEAT)) {
            taken++;
        }

        assertEquals(OutboundQueue.MAX_URGENT_BYTES / 64, taken);
        assertTrue(queue.offer(append(0, 10)));
    }

    @Test
    void clearingLeavesAnEmptyQueueWithAllItsRoom() {
        OutboundQueue queue = new OutboundQueue(1_000);
        queue.offer(append(0, 800));
        queue.offer(HEARTBEAT);

        assertTrue(queue.clear());

        assertFalse(queue.clear());
        assertTrue(queue.offer(append(1, 800)));
    }

    private static Message polled(OutboundQueue queue) {
        Message message = queue.poll();
        if (message == null) {
            throw new AssertionError("the queue is empty");
        }
        return message;
    }
}
