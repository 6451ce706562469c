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
import org.jspecify.annotations.Nullable;

/** What the services may do with the node. */
record NodeReplicator(RaftNode<CommandResult> node) implements Replicator {

    @Override
    public CompletableFuture<CommandResult> propose(byte[] command) {
        return node.propose(command);
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
