package dev.quorate.raft.runtime;

import dev.quorate.raft.model.Entry;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What the apply thread is told, in order. */
sealed interface ApplyTask<R> {

    /** These proposals have places in the log; told before anything at those places is to be applied. */
    record Adopt<R>(List<Proposal<R>> proposals) implements ApplyTask<R> {}

    /**
     * @param entries the newest entries up to {@code lastIndex}; what lies before them is read from the log
     */
    record Advance<R>(long lastIndex, List<Entry> entries) implements ApplyTask<R> {}

    /** These reads are confirmed, for a state that has applied {@code readIndex}. */
    record Serve<R>(ReadBatch batch, long readIndex) implements ApplyTask<R> {}

    /** @param answer completes with the snapshot's index */
    record TakeSnapshot<R>(CompletableFuture<Long> answer) implements ApplyTask<R> {}

    /** A snapshot is finished; another may be due. */
    record CheckSnapshot<R>() implements ApplyTask<R> {}

    /** A leader's snapshot is on this node's disk, and should become the state. The receiver closes the lease. */
    record Install<R>(SnapshotStore.Lease snapshot) implements ApplyTask<R> {}
}
