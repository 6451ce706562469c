package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.Persist;
import dev.quorate.raft.RaftRole;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.Coverage;
import dev.quorate.raft.simulator.observe.Coverage.Situation;
import dev.quorate.raft.simulator.observe.LogImage;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** I20: never false; counts the rare situations that the other invariants are there for. */
public final class Situations extends Invariant {

    private record Forwarded(NodeId from, long incarnation, long batch) {}

    private final Coverage coverage;
    private final Set<Forwarded> forwardsArrived = new HashSet<>();
    private long newestLeaderTerm;

    public Situations(Cluster cluster, Coverage coverage) {
        super(cluster);
        this.coverage = coverage;
    }

    @Override
    protected void batchEnded(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {
        if (before != null && (before.role() != after.role() || before.term() != after.term())) {
            roleChanged(node, before, after);
        }
        Persist write = output.persist();
        if (write != null && write.repaired()) {
            coverage.saw(Situation.LOG_REPAIRED);
        }
        if (write != null && !write.entries().isEmpty()) {
            long first = write.entries().get(0).index();
            if (write.resetTo() == null && first <= node.log().lastIndex()) {
                truncated(node, first);
            }
        }
        for (Output.Rejected rejected : output.rejected()) {
            if (rejected.kind() == Output.Rejected.Kind.READ) {
                coverage.saw(Situation.READ_REFUSED);
            } else {
                refused(rejected.reason());
            }
        }
        if (before != null && !before.membership().equals(after.membership())) {
            membershipChanged(node, before, after);
        }
        if (node.leads() && before != null && before.commitIndex() == after.commitIndex()) {
            lookForOldEntryOnQuorum(node, after);
        }
    }

    private void refused(Output.Reason reason) {
        switch (reason) {
            case OVERLOADED -> coverage.saw(Situation.PROPOSAL_REFUSED_AS_OVERLOADED);
            case TRANSFERRING -> coverage.saw(Situation.WRITE_REFUSED_DURING_TRANSFER);
            case CHANGE_IN_FLIGHT -> coverage.saw(Situation.CHANGE_REFUSED_IN_FLIGHT);
            case LEADER_NOT_READY -> coverage.saw(Situation.CHANGE_REFUSED_NOT_READY);
            case WOULD_LOSE_QUORUM -> coverage.saw(Situation.CHANGE_REFUSED_FOR_QUORUM);
            case TRANSFER_FAILED -> coverage.saw(Situation.TRANSFER_FAILED);
            default -> {}
        }
    }

    private void membershipChanged(NodeView node, RaftStatus before, RaftStatus after) {
        Membership was = before.membership();
        Membership is = after.membership();
        if (after.lastIndex() < before.lastIndex() && after.role() != RaftRole.LEADER) {
            coverage.saw(Situation.MEMBERSHIP_ROLLED_BACK);
        }
        if (!node.leads()) {
            return;
        }
        coverage.saw(Situation.MEMBERSHIP_CHANGED);
        if (was.isJoint() && !is.isJoint()) {
            coverage.saw(Situation.JOINT_MEMBERSHIP_LEFT);
            if (!is.isVoter(node.id())) {
                coverage.saw(Situation.LEADER_REMOVED);
            }
        }
        if (is.voters().stream().anyMatch(was::isLearner)) {
            coverage.saw(Situation.LEARNER_PROMOTED);
        }
    }

    private void roleChanged(NodeView node, RaftStatus before, RaftStatus after) {
        if (after.role() == RaftRole.LEADER) {
            if (newestLeaderTerm > 0 && after.term() > newestLeaderTerm) {
                coverage.saw(Situation.LEADER_CHANGED);
            }
            newestLeaderTerm = Math.max(newestLeaderTerm, after.term());
            if (before.membership().isJoint()) {
                coverage.saw(Situation.JOINT_MEMBERSHIP_INHERITED);
            }
            for (NodeView other : cluster.nodes()) {
                if (other.leads() && other.number() != node.number()) {
                    coverage.saw(Situation.TWO_LEADERS_AT_ONCE);
                }
            }
        } else if (before.role() == RaftRole.LEADER && before.term() == after.term()) {
            coverage.saw(Situation.LEADER_STEPPED_DOWN_IN_ITS_TERM);
        }
    }

    private void truncated(NodeView node, long index) {
        coverage.saw(Situation.UNCOMMITTED_TAIL_TRUNCATED);
        LogImage disk = node.disk().log();
        if (!disk.knows(index) || disk.chainAt(index) != node.log().chainAt(index)) {
            coverage.saw(Situation.WRITE_OVERTAKEN_BY_TRUNCATION);
        }
        if (isOnQuorumOfDisks(node, index)) {
            coverage.saw(Situation.ENTRY_ON_QUORUM_OVERWRITTEN);
        }
    }

    private void lookForOldEntryOnQuorum(NodeView leader, RaftStatus status) {
        long next = status.commitIndex() + 1;
        LogImage log = leader.log();
        if (next <= log.lastIndex() && log.termAt(next) < status.term() && isOnQuorumOfDisks(leader, next)) {
            coverage.saw(Situation.OLD_ENTRY_ON_QUORUM_NOT_COMMITTED);
        }
    }

    private boolean isOnQuorumOfDisks(NodeView node, long index) {
        long prefix = node.log().chainAt(index);
        RaftStatus status = node.status();
        return status != null
                && cluster.isQuorum(
                        status.membership(),
                        voter -> voter.disk().log().knows(index)
                                && voter.disk().log().chainAt(index) == prefix);
    }

    @Override
    protected void messageLeaves(NodeView from, Message message) {
        if (message instanceof Message.PreVoteResult result && !result.voteGranted()) {
            coverage.saw(Situation.PRE_VOTE_REFUSED);
        } else if (message instanceof Message.Propose) {
            coverage.saw(Situation.PROPOSAL_FORWARDED);
        } else if (message instanceof Message.TimeoutNow) {
            coverage.saw(Situation.LEADER_STEPPED_DOWN_FOR_ITS_DISK);
        }
    }

    /** Looks at a message before its receiver does. */
    void messageArrives(NodeView to, Message message, long senderIdentity) {
        if (to.isDamaged() && (message instanceof Message.RequestVote || message instanceof Message.PreVote)) {
            coverage.saw(Situation.DAMAGED_MEMBER_ASKED_FOR_ITS_VOTE);
        }
        RaftStatus status = to.status();
        if (status != null && status.membership().contains(message.from())) {
            long recorded = status.membership().member(message.from()).identity();
            if (recorded != 0 && recorded != senderIdentity) {
                coverage.saw(Situation.FORGETFUL_ANSWER_ARRIVES);
            }
        }
        if (message instanceof Message.RequestVote request
                && request.term() > to.term()
                && to.log().lastTerm() > request.lastLogTerm()) {
            coverage.saw(Situation.VOTE_REFUSED_FOR_STALE_LOG);
        } else if (message instanceof Message.Propose propose) {
            if (!forwardsArrived.add(new Forwarded(propose.from(), propose.incarnation(), propose.batch()))) {
                coverage.saw(Situation.PROPOSAL_REPEATED_BY_NETWORK);
            }
        }
    }

    @Override
    protected void writeDurable(NodeView node, Persist write) {
        if (write.compactThrough() != null) {
            coverage.saw(Situation.LOG_COMPACTED);
        }
    }

    @Override
    protected void damaged(NodeView node) {
        coverage.saw(Situation.LOG_DAMAGED);
    }

    @Override
    protected void crashed(NodeView node) {
        if (cluster.nodes().stream().noneMatch(NodeView::isUp)) {
            coverage.saw(Situation.WHOLE_CLUSTER_CRASHED);
        }
    }

    @Override
    protected void started(NodeView node, long appliedIndex) {
        if (node.life() > 1) {
            coverage.saw(Situation.NODE_RESTARTED);
        }
        if (appliedIndex
                < Math.min(node.disk().log().lastIndex(), cluster.committed().lastIndex())) {
            coverage.saw(Situation.STATE_MACHINE_BEHIND_LOG_AT_RESTART);
        }
    }

    @Override
    protected void installed(NodeView node, SnapshotMeta snapshot, long stateHash) {
        coverage.saw(Situation.SNAPSHOT_INSTALLED);
        RaftStatus status = node.status();
        if (status != null && !status.membership().contains(node.id())) {
            coverage.saw(Situation.JOINED_BY_SNAPSHOT);
        }
    }
}
