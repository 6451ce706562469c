package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.Output;
import dev.quorate.raft.Raft;
import dev.quorate.raft.RaftConfig;
import dev.quorate.raft.ReadConsistency;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeClockTest {

    private static final ReadConsistency BOUNDED = ReadConsistency.boundedStaleness(Duration.ofHours(1));

    private long monotonicNanos = -5;
    private long wallMillis = 1_000_000;

    /** A group of one, which has confirmed a read and so knows how fresh it is. */
    private Raft confirmed(NodeClock clock) {
        NodeId id = NodeId.of("n1");
        InMemoryLog log = new InMemoryLog();
        Raft raft = new Raft(RaftConfig.of(id, 1), log.recover(Membership.of(List.of(id))), 0, monotonicNanos);
        for (int i = 0; i < 50; i++) {
            monotonicNanos += 100_000_000;
            wallMillis += 100;
            clock.tell(raft);
            raft.tick(monotonicNanos);
            if (i == 40) {
                raft.readIndex(1);
            }
            for (int turn = 0; turn < 4; turn++) {
                act(raft, raft.takeOutput());
            }
        }
        assertTrue(raft.isFreshEnough(BOUNDED));
        return raft;
    }

    private static void act(Raft raft, Output output) {
        if (output.persist() != null) {
            raft.persisted(output.persist().mark());
        }
        if (output.apply() != null) {
            raft.applied(output.apply().lastIndex());
        }
    }

    @Test
    void timeThatPassesOnBothClocksIsBelieved() {
        NodeClock clock = new NodeClock(() -> monotonicNanos, () -> wallMillis);
        Raft raft = confirmed(clock);
        monotonicNanos += 60_000_000_000L;
        wallMillis += 60_000;

        clock.tell(raft);

        assertTrue(raft.isFreshEnough(BOUNDED));
    }

    @Test
    void timeThatOnlyTheWallClockSawMakesTheCoreForgetWhatItMeasured() {
        NodeClock clock = new NodeClock(() -> monotonicNanos, () -> wallMillis);
        Raft raft = confirmed(clock);
        monotonicNanos += 1_000_000;
        wallMillis += 60_000; // the machine was suspended for a minute

        clock.tell(raft);

        assertFalse(raft.isFreshEnough(BOUNDED));
    }
}
