package dev.quorate.raft.simulator.world;

import dev.quorate.raft.ReadConsistency;
import dev.quorate.raft.model.EntryId;
import org.jspecify.annotations.Nullable;

/** One request of a client: a put of a value that no other put carries (its id), or a read. */
final class Operation {

    /** What the client may conclude. */
    enum Outcome {
        PENDING,
        DONE,
        /** Nothing happened, and nothing will. */
        FAILED,
        UNKNOWN
    }

    final long id;
    final boolean isRead;
    /** What a read may miss; without meaning for a put. */
    final ReadConsistency consistency;

    final SimulatedNode node;
    /** When it began. */
    final long begunAtNanos;
    /** When the node's core was asked, -1 before that. */
    long askedAtNanos = -1;
    /** What was known to clients when it began. */
    final long knownAtBegin;
    /** The node's term when it began. */
    final long termAtBegin;

    /** Where the put stands in the log, null before that is known. */
    @Nullable
    EntryId position;

    Outcome outcome = Outcome.PENDING;
    private final Runnable onEnd;

    /** @param consistency of a read, null for a put */
    Operation(
            long id,
            @Nullable ReadConsistency consistency,
            SimulatedNode node,
            long begunAtNanos,
            long knownAtBegin,
            Runnable onEnd) {
        this.id = id;
        this.isRead = consistency != null;
        this.consistency = consistency == null ? ReadConsistency.LINEARIZABLE : consistency;
        this.begunAtNanos = begunAtNanos;
        this.node = node;
        this.knownAtBegin = knownAtBegin;
        this.termAtBegin = node.view().term();
        this.onEnd = onEnd;
    }

    /** The first outcome stands: a client that gave up does not hear the answer. */
    void end(Outcome result) {
        if (outcome == Outcome.PENDING) {
            outcome = result;
            onEnd.run();
        }
    }

    @Override
    public String toString() {
        return (isRead ? "read " : "put ") + id + " at " + node.view();
    }
}
