package dev.quorate.raft.runtime;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A command on its way into the log, and the future that its proposer holds: one object, there are many. */
final class Proposal<R> extends CompletableFuture<R> implements Request, RequestWindow.Pending {

    private static final byte[] HANDED_OVER = new byte[0];

    private final long deadlineNanos;

    // The mailbox hands these from the caller to the raft thread, the apply lane on to the apply thread.
    private byte[] command;
    private EntryId position = EntryId.ZERO;
    private @Nullable Proposal<R> nextAtSameIndex;

    Proposal(byte[] command, long deadlineNanos) {
        this.command = command;
        this.deadlineNanos = deadlineNanos;
    }

    /** The command, once: the log holds it from then on. The raft thread. */
    byte[] takeCommand() {
        byte[] taken = command;
        command = HANDED_OVER;
        return taken;
    }

    /** Where the proposal stands in the log. The raft thread, before it hands the proposal to the apply thread. */
    void place(EntryId at) {
        position = at;
    }

    EntryId position() {
        return position;
    }

    /** Another proposal of this node that had the same index under another leader. The apply thread. */
    @Nullable
    Proposal<R> nextAtSameIndex() {
        return nextAtSameIndex;
    }

    void chain(@Nullable Proposal<R> next) {
        nextAtSameIndex = next;
    }

    @Override
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** As long as the command is here. */
    @Override
    public long sizeBytes() {
        return Entry.OVERHEAD_BYTES + command.length;
    }

    @Override
    public void refuse(RaftException why) {
        completeExceptionally(why);
    }

    @Override
    public void expire() {
        completeExceptionally(new RaftException.OutcomeUnknown("no answer within the request timeout"));
    }
}
