package dev.quorate.raft.runtime;

import dev.quorate.raft.ReadConsistency;
import java.util.concurrent.CompletableFuture;

/** One call of {@link RaftNode#read}. */
final class Read extends CompletableFuture<Long> implements Request {

    private static final long SIZE_BYTES = 64;

    private final ReadConsistency consistency;
    private final long deadlineNanos;

    Read(ReadConsistency consistency, long deadlineNanos) {
        this.consistency = consistency;
        this.deadlineNanos = deadlineNanos;
    }

    ReadConsistency consistency() {
        return consistency;
    }

    @Override
    public long deadlineNanos() {
        return deadlineNanos;
    }

    @Override
    public long sizeBytes() {
        return SIZE_BYTES;
    }

    @Override
    public void refuse(RaftException why) {
        completeExceptionally(why);
    }
}
