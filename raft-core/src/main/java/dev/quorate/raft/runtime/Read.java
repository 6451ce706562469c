package dev.quorate.raft.runtime;

import java.util.concurrent.CompletableFuture;

/** One call of {@link RaftNode#readIndex}. */
final class Read extends CompletableFuture<Long> implements Request {

    private static final long SIZE_BYTES = 64;

    private final long deadlineNanos;

    Read(long deadlineNanos) {
        this.deadlineNanos = deadlineNanos;
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
