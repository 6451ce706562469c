package dev.quorate.raft.runtime;

import java.util.concurrent.CompletableFuture;

/** One call of {@link RaftNode#readIndex}. */
final class Read extends CompletableFuture<Long> implements Request {

    private final long deadlineNanos;

    Read(long deadlineNanos) {
        this.deadlineNanos = deadlineNanos;
    }

    @Override
    public long deadlineNanos() {
        return deadlineNanos;
    }

    @Override
    public void refuse(RaftException why) {
        completeExceptionally(why);
    }
}
