package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.LogImage;
import dev.quorate.raft.simulator.observe.NodeView;

/**
 * I8, the follower's half: when a member says "my log equals yours up to here", then its disk does (Raft paper §5.3, thesis
 * §10.2.1). An acknowledgement by length alone would let a leader count a tail that another leader wrote.
 */
public final class AcknowledgedIsDurable extends Invariant {

    public AcknowledgedIsDurable(Cluster cluster) {
        super(cluster);
    }

    @Override
    protected void messageLeaves(NodeView from, Message message) {
        if (message instanceof Message.AppendEntriesAccepted accepted) {
            check(from, accepted.matchIndex(), accepted);
        } else if (message instanceof Message.InstallSnapshotResult result && result.installed()) {
            check(from, result.lastIncludedIndex(), result);
        }
    }

    private void check(NodeView from, long index, Message message) {
        LogImage disk = from.disk().log();
        if (from.disk().hardState().term() > message.term()) {
            // One write may carry entries and their replacement in a later term. It is as if both had been written in
            // turn:
            // who asked has lost its office, and whoever replaced the entries had the votes to do so.
            return;
        }
        require(
                disk.lastIndex() >= index,
                from,
                "acknowledges index " + index + " in term " + message.term() + ", but only " + disk.lastIndex()
                        + " is durable");
        NodeView leader = cluster.node(message.to());
        if (!leader.leads() || leader.term() != message.term() || index <= disk.baseIndex()) {
            return; // whoever asked leads no more; below the base everything is committed
        }
        LogImage asked = leader.log();
        require(asked.lastIndex() >= index, from, "acknowledges index " + index + ", which " + leader + " never had");
        if (asked.knows(index)) {
            require(
                    asked.chainAt(index) == disk.chainAt(index),
                    from,
                    "acknowledges index " + index + " to " + leader + " in term " + message.term()
                            + ", but the durable log differs from the leader's up to there");
        }
    }
}
