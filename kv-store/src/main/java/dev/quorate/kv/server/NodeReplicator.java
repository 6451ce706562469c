package dev.quorate.kv.server;

import dev.quorate.kv.command.CommandResult;
import dev.quorate.kv.rpc.Replicator;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.ReadConsistency;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.runtime.Installation;
import dev.quorate.raft.runtime.RaftNode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What the services may do with the node. */
final class NodeReplicator implements Replicator {

    private final RaftNode<CommandResult> node;
    private final NodeId self;
    private final LongAdder proposed = new LongAdder();
    private final LongAdder answered = new LongAdder();
    private final LongAdder failed = new LongAdder();

    NodeReplicator(RaftNode<CommandResult> node, NodeId self) {
        this.node = node;
        this.self = self;
    }

    @Override
    public CompletableFuture<CommandResult> propose(byte[] command) {
        proposed.increment();
        return node.propose(command).whenComplete((result, failure) -> {
            answered.increment();
            if (failure != null) {
                failed.increment();
            }
        });
    }

    @Override
    public boolean isLearner() {
        Membership now = node.membership();
        return now.isLearner(self) && !now.votersNext().contains(self);
    }

    @Override
    public Counts counts() {
        long ended = answered.sum(); // first, so that none is counted as ended and not as begun
        long begun = proposed.sum();
        return new Counts(begun, failed.sum(), begun - ended, node.leaderChanges());
    }

    @Override
    public CompletableFuture<Long> readIndex() {
        return node.readIndex();
    }

    @Override
    public CompletableFuture<Long> read(ReadConsistency consistency) {
        return node.read(consistency);
    }

    @Override
    public CompletableFuture<Membership> changeMembership(MembershipChange change) {
        return node.changeMembership(change);
    }

    @Override
    public CompletableFuture<Void> transferLeadership(NodeId to) {
        return node.transferLeadership(to);
    }

    @Override
    public RaftStatus status() {
        return node.status();
    }

    @Override
    public @Nullable Installation installation() {
        return node.installation();
    }
}
