package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.Persist;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * I2: a node votes at most once in a term, over all its lives, and says so only when the vote is durable. A candidate's
 * request counts as its vote for itself: it may leave only when that vote <em>and the log it boasts of</em> are durable,
 * or a grant for the longer log could elect the shorter one after a crash. Whoever leads has a quorum of votes that
 * were sent, and its own on its disk.
 */
public final class VoteOnce extends Invariant {

    // By disk: a node that lost its disk cannot know how it voted, and so must not be taken for the voter that it was.
    private final Map<Long, Map<Long, NodeId>> durable = new HashMap<>();
    private final Map<Long, Map<Long, NodeId>> sent = new HashMap<>();

    public VoteOnce(Cluster cluster) {
        super(cluster);
    }

    private static Map<Long, NodeId> of(Map<Long, Map<Long, NodeId>> votes, NodeView node) {
        return votes.computeIfAbsent(node.identity(), identity -> new HashMap<>());
    }

    @Override
    protected void writeDurable(NodeView node, Persist write) {
        HardState written = write.hardState();
        if (written != null && written.votedFor() != null) {
            NodeId first = of(durable, node).putIfAbsent(written.term(), written.votedFor());
            require(
                    first == null || first.equals(written.votedFor()),
                    node,
                    "wrote a vote for " + written.votedFor() + " in term " + written.term() + " after one for "
                            + first);
        }
    }

    @Override
    protected void messageLeaves(NodeView from, Message message) {
        if (message instanceof Message.RequestVoteResult result && result.voteGranted()) {
            voteLeaves(from, result.term(), result.to());
        } else if (message instanceof Message.RequestVote request) {
            voteLeaves(from, request.term(), from.id());
            // Unless the question has become void: the term is over, or somebody else leads in it and has cut this log.
            boolean isVoid = from.disk().hardState().term() > request.term()
                    || from.disk().log().lastTerm() >= request.term();
            require(
                    from.disk().log().lastIndex() >= request.lastLogIndex() || isVoid,
                    from,
                    "asks for votes in term " + request.term() + " with a log up to " + request.lastLogIndex()
                            + ", of which only " + from.disk().log().lastIndex() + " is durable");
        }
    }

    @Override
    protected void batchEnded(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {
        if (node.leads() && (before == null || before.role() != after.role() || before.term() != after.term())) {
            Membership membership = (before == null ? after : before).membership();
            boolean elected = cluster.isQuorum(membership, voter -> {
                long recorded = membership.member(voter.id()).identity();
                Map<Long, NodeId> votes = (voter.number() == node.number() ? durable : sent)
                        .getOrDefault(recorded == 0 ? voter.identity() : recorded, Map.of());
                return node.id().equals(votes.get(after.term()));
            });
            require(elected, node, "leads in term " + after.term() + " without a quorum of votes");
        }
    }

    private void voteLeaves(NodeView voter, long term, NodeId candidate) {
        NodeId earlier = of(sent, voter).putIfAbsent(term, candidate);
        require(
                earlier == null || earlier.equals(candidate),
                voter,
                "votes for " + candidate + " in term " + term + " after it voted for " + earlier);
        NodeId written = of(durable, voter).get(term);
        // A later durable term does as well: whoever has forgotten this term cannot vote in it again.
        require(
                candidate.equals(written) || voter.disk().hardState().term() > term,
                voter,
                "says that it votes for " + candidate + " in term " + term + ", but the durable vote is " + written);
    }
}
