package dev.quorate.raft.runtime;

/** What an embedder asks of its node, while it waits for the raft thread. */
sealed interface Request permits Proposal, Read {

    /** When it fails if nobody has answered, on the clock of {@link System#nanoTime}. */
    long deadlineNanos();

    /** What it takes in memory while it waits, about. */
    long sizeBytes();

    /** Ends it before the core has seen it, so the reason must be a definite one. */
    void refuse(RaftException why);
}
