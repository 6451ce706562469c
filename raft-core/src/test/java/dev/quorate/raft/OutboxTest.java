package dev.quorate.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.Message.AppendEntriesAccepted;
import dev.quorate.raft.model.Message.RequestVoteResult;
import dev.quorate.raft.model.NodeId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Acknowledgements of one batch are merged, and nothing else is. */
class OutboxTest {

    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final NodeId N3 = NodeId.of("n3");

    private final Outbox out = new Outbox();

    @Test
    void ofTheAcknowledgementsOfOneBatchTheLargestLeaves() {
        out.sendWhenDurable(accepted(N2, 1, 5));
        out.sendWhenDurable(accepted(N2, 1, 9));
        out.sendWhenDurable(accepted(N2, 1, 7));

        assertEquals(List.of(accepted(N2, 1, 9)), out.takeGated());
    }

    @Test
    void acknowledgementsOfOtherTermsAndToOthersAreKept() {
        List<Message> all = List.of(accepted(N2, 1, 5), accepted(N3, 1, 6), accepted(N3, 2, 7));

        all.forEach(out::sendWhenDurable);

        assertEquals(all, out.takeGated());
    }

    @Test
    void aVoteBetweenThemStaysInItsPlace() {
        List<Message> all = List.of(
                accepted(N2, 1, 5), new RequestVoteResult(N1, N3, 1, false), accepted(N2, 1, 6), accepted(N2, 1, 6));

        all.forEach(out::sendWhenDurable);

        assertEquals(all.subList(0, 3), out.takeGated());
    }

    @Test
    void whatWasHandedOutIsNotTouchedAgain() {
        out.sendWhenDurable(accepted(N2, 1, 5));
        List<Message> first = out.takeGated();

        out.sendWhenDurable(accepted(N2, 1, 6));

        assertEquals(List.of(accepted(N2, 1, 5)), first);
        assertEquals(List.of(accepted(N2, 1, 6)), out.takeGated());
        assertFalse(out.hasGated());
    }

    @Test
    void anOutputIsEmptyAfterItWasDrained() {
        out.sendAtOnce(accepted(N2, 1, 5));
        out.readState(1, 2);
        assertEquals(1, out.drain(null, null, null, null).send().size());

        assertEquals(
                new Output(
                        List.of(), null, List.of(), List.of(), null, List.of(), null, List.of(), List.of(), List.of(),
                        null, null),
                out.drain(null, null, null, null));
    }

    private static Message accepted(NodeId to, long term, long match) {
        return new AppendEntriesAccepted(N1, to, term, match);
    }
}
