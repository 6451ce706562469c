package dev.quorate.raft.runtime;

import dev.quorate.raft.RaftConfig;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Membership;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A running member: a {@link dev.quorate.raft.Raft} with its threads, its log, its transport and its state machine.
 *
 * @param <R> what the state machine answers to a command
 */
public final class RaftNode<R> implements AutoCloseable {

    /**
     * How a node runs.
     *
     * @param raft the core's limits and timers
     * @param initialMembership the group's first membership; used only by a node whose log was never written
     * @param directory where the node keeps snapshots; created if missing
     * @param mailboxCapacity how many requests may wait for the raft thread; more are refused as overloaded
     * @param maxCommandBytes the largest command
     * @param requestTimeout when a request that got no answer fails: a proposal as "outcome unknown"
     * @param snapshotEveryEntries a snapshot is taken, and the log compacted, when this many entries were applied since the
     *     last one
     */
    public record Options(
            RaftConfig raft,
            Membership initialMembership,
            Path directory,
            int mailboxCapacity,
            int maxCommandBytes,
            Duration requestTimeout,
            long snapshotEveryEntries) {

        public static Options of(RaftConfig raft, Membership initialMembership, Path directory) {
            return new Options(raft, initialMembership, directory, 65_536, 2 << 20, Duration.ofSeconds(5), 100_000);
        }
    }

    private RaftNode() {}

    /**
     * Recovers the log, brings the state machine up to its snapshot, and starts the threads and the transport. The node owns
     * all three from then on and closes them, also when this fails.
     *
     * @throws IOException if the log or the snapshot cannot be read, or the transport cannot listen
     */
    public static <R> RaftNode<R> start(
            Options options, DurableLog log, Transport transport, StateMachine<R> stateMachine) throws IOException {
        throw new IllegalStateException("being written: " + options + log + transport + stateMachine);
    }

    /**
     * Proposes a command, on any member: a follower passes it on to its leader. Never blocks.
     *
     * @param command handed over: do not write to it again
     * @return completes on the apply thread, with this node's result of applying it, or exceptionally with a {@link
     *     RaftException}, which says whether the failure is definite
     */
    public CompletableFuture<R> propose(byte[] command) {
        throw new IllegalStateException("being written: " + command.length);
    }

    /**
     * Waits until a read of this member's state machine is linearizable: what was acknowledged anywhere before this call is
     * applied here. Any member. Never blocks.
     *
     * @return completes with the applied index, on the raft or the apply thread: do not read on it, hand over; or
     *     exceptionally with a {@link RaftException}, always definite
     */
    public CompletableFuture<Long> readIndex() {
        throw new IllegalStateException("being written");
    }

    /** One moment of this member; published by the raft thread after each batch. Never blocks, any thread. */
    public RaftStatus status() {
        throw new IllegalStateException("being written");
    }

    /** Takes a snapshot now, and compacts the log up to it. Completes with the snapshot's index. */
    public CompletableFuture<Long> takeSnapshot() {
        throw new IllegalStateException("being written");
    }

    /**
     * Completes when the node has stopped: normally after {@link #close}; exceptionally, with the cause, when it stopped
     * itself because a write failed, the state machine threw, or an invariant broke.
     */
    public CompletableFuture<Void> stopped() {
        throw new IllegalStateException("being written");
    }

    /** Stops the node. Waiting requests fail: proposals that were handed to the log as "outcome unknown". */
    @Override
    public void close() {}
}
