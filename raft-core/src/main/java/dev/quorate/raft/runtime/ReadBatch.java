package dev.quorate.raft.runtime;

import dev.quorate.raft.ReadConsistency;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads of one consistency that are confirmed together: what confirms them, a round or a look at the lease, comes after the
 * last of them was asked for.
 */
final class ReadBatch implements RequestWindow.Pending {

    private final ReadConsistency consistency;
    private final long repeatUntilNanos;
    private final List<Read> reads = new ArrayList<>();
    private long deadlineNanos;
    private volatile boolean done;

    /** @param repeatUntilNanos until when it may be asked again if it loses its leader */
    ReadBatch(ReadConsistency consistency, long repeatUntilNanos) {
        this.consistency = consistency;
        this.repeatUntilNanos = repeatUntilNanos;
    }

    ReadConsistency consistency() {
        return consistency;
    }

    boolean mayBeRepeated(long nowNanos) {
        return nowNanos - repeatUntilNanos < 0;
    }

    /** The raft thread, before the batch is given to anybody. */
    void add(Read read) {
        reads.add(read);
        deadlineNanos = read.deadlineNanos();
    }

    void complete(long appliedIndex) {
        Long answer = appliedIndex;
        for (Read read : reads) {
            read.complete(answer);
        }
        done = true;
    }

    void fail(RaftException why) {
        for (Read read : reads) {
            read.completeExceptionally(why);
        }
        done = true;
    }

    @Override
    public boolean isDone() {
        return done;
    }

    /** That of the last read: no other has a later one. */
    @Override
    public long deadlineNanos() {
        return deadlineNanos;
    }

    @Override
    public void expire() {
        fail(new RaftException.ReadNotConfirmed("no answer within the request timeout"));
    }
}
