package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.LogImage;
import dev.quorate.raft.simulator.observe.NodeView;
import org.jspecify.annotations.Nullable;

/**
 * A leader that goes on leading tells another one to campaign only when that one holds its whole log durably: otherwise it
 * would be deposed for somebody who cannot win (thesis §3.10).
 */
public final class Handover extends Invariant {

    public Handover(Cluster cluster) {
        super(cluster);
    }

    @Override
    protected void batchWritten(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {
        if (!node.leads()) {
            return; // it gives its office up in any case, and the target may try
        }
        for (Message message : output.send()) {
            // One whose disk has lost what it acknowledged is told by mistake, and does not listen.
            if (message instanceof Message.TimeoutNow told
                    && !cluster.node(told.to()).isDamaged()) {
                LogImage target =
                        cluster.node(told.to()).diskMeantBy(after.membership()).log();
                require(
                        target.lastIndex() >= after.lastIndex(),
                        node,
                        "tells " + told.to() + " to campaign, whose disk holds the log only up to " + target.lastIndex()
                                + " of " + after.lastIndex());
            }
        }
    }
}
