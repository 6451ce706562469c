package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.Persist;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.CommittedLog;
import dev.quorate.raft.simulator.observe.Coverage;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Is told everything that happens, keeps the picture of the cluster up to date, and lets every invariant look at it. The
 * first one that is false throws.
 */
public final class Observer {

    private final Cluster cluster;
    private final CommitRule commitRule;
    private final LinearizableReads reads;
    private final BoundedStaleness staleness;
    private final ExactlyOnce exactlyOnce;
    private final AnswersAreTrue answers;
    private final Situations situations;
    private final Invariant[] invariants;

    public Observer(Cluster cluster, Coverage coverage) {
        this.cluster = cluster;
        this.commitRule = new CommitRule(cluster);
        this.reads = new LinearizableReads(cluster);
        this.staleness = new BoundedStaleness(cluster);
        this.exactlyOnce = new ExactlyOnce(cluster);
        this.answers = new AnswersAreTrue(cluster);
        this.situations = new Situations(cluster, coverage);
        this.invariants = new Invariant[] {
            new ElectionSafety(cluster),
            new VoteOnce(cluster),
            new LeaderAppendOnly(cluster),
            new LogMatching(cluster),
            new LeaderCompleteness(cluster),
            new StateMachineSafety(cluster),
            new AppliedInOrder(cluster),
            commitRule,
            new Monotone(cluster),
            new CommittedIsDurable(cluster),
            new AcknowledgedIsDurable(cluster),
            new MembershipInForce(cluster),
            new Handover(cluster),
            new RepairedIsWhole(cluster),
            new SnapshotFidelity(cluster),
            reads,
            staleness,
            exactlyOnce,
            answers,
            situations
        };
    }

    public Cluster cluster() {
        return cluster;
    }

    public LinearizableReads reads() {
        return reads;
    }

    public BoundedStaleness staleness() {
        return staleness;
    }

    public ExactlyOnce exactlyOnce() {
        return exactlyOnce;
    }

    public AnswersAreTrue answers() {
        return answers;
    }

    /** The names of all invariants, as reports print them. */
    public List<String> names() {
        return Arrays.stream(invariants)
                .filter(invariant -> invariant != situations)
                .map(Invariant::name)
                .toList();
    }

    /** A life begins with what the disk holds, and with a state machine at this index. */
    public void started(NodeView node, long appliedIndex) {
        node.start();
        for (Invariant invariant : invariants) {
            invariant.started(node, appliedIndex);
        }
    }

    /** A batch of verbs ended with this output; nothing of it was acted on yet. */
    public void batchEnded(NodeView node, RaftStatus after, Output output) {
        RaftStatus before = node.status();
        node.setStatus(after);
        if (output.fenced() != null) {
            throw new InvariantViolation("NoMemberFencesItself", node + ": " + output.fenced());
        }
        for (Invariant invariant : invariants) {
            invariant.batchEnded(node, before, after, output);
        }
        Persist write = output.persist();
        if (write != null) {
            try {
                node.log().apply(write, cluster.committed()::chainAt);
            } catch (IllegalStateException e) {
                throw new InvariantViolation("WritesFitTheLog", node + ": " + e.getMessage(), e);
            }
        }
        extendCommitted(node, before, after);
        for (Invariant invariant : invariants) {
            invariant.batchWritten(node, before, after, output);
        }
        for (Message message : output.send()) {
            messageLeaves(node, message);
        }
    }

    private void extendCommitted(NodeView node, @Nullable RaftStatus before, RaftStatus after) {
        CommittedLog committed = cluster.committed();
        if (after.commitIndex() <= committed.lastIndex()) {
            return;
        }
        long inTerm = commitRule.checkAdvance(node, before, after);
        for (long index = committed.lastIndex() + 1; index <= after.commitIndex(); index++) {
            Entry entry = node.log().entry(index);
            committed.append(entry, inTerm);
            for (Invariant invariant : invariants) {
                invariant.committed(node, entry, inTerm);
            }
        }
        for (Invariant invariant : invariants) {
            invariant.commitAdvanced(node, after);
        }
    }

    private void messageLeaves(NodeView node, Message message) {
        for (Invariant invariant : invariants) {
            invariant.messageLeaves(node, message);
        }
    }

    /**
     * A write is durable now: the disk image has it. Writes become durable one by one, in their order, also when one sync
     * covers many.
     *
     * @param unlocks true if the node lives and may now send what waited for this write
     */
    public void writeDurable(NodeView node, Persist write, boolean unlocks) {
        for (Invariant invariant : invariants) {
            invariant.writeDurable(node, write);
        }
        if (unlocks) {
            for (Message message : write.unlocks()) {
                messageLeaves(node, message);
            }
        }
    }

    /** A life ended, and the disk image holds what survived. */
    public void crashed(NodeView node) {
        node.crash();
        for (Invariant invariant : invariants) {
            invariant.crashed(node);
        }
    }

    /** A node that is down has lost entries of its log: the view shows it already. */
    public void damaged(NodeView node) {
        for (Invariant invariant : invariants) {
            invariant.damaged(node);
        }
    }

    /** A node that is down has lost its disk: the view has the empty one already. */
    public void wiped(NodeView node) {
        for (Invariant invariant : invariants) {
            invariant.wiped(node);
        }
    }

    /** The state machine has applied one entry. */
    public void applied(NodeView node, Entry entry, long stateHash) {
        for (Invariant invariant : invariants) {
            invariant.applied(node, entry, stateHash);
        }
    }

    /** The state machine's state was replaced. */
    public void installed(NodeView node, SnapshotMeta snapshot, long stateHash) {
        for (Invariant invariant : invariants) {
            invariant.installed(node, snapshot, stateHash);
        }
    }

    /** A message arrives at a node that is up; called before the node sees it. */
    public void messageArrives(NodeView to, Message message, long senderIdentity) {
        situations.messageArrives(to, message, senderIdentity);
    }
}
