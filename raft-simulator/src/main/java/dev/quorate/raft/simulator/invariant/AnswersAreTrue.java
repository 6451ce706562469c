package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.NamedCommand;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.HashMap;
import java.util.Map;

/**
 * I15: acknowledged means committed; a definite failure means that it never happens; no command happens twice; and every
 * question gets one answer.
 */
public final class AnswersAreTrue extends Invariant {

    private final Map<Long, Long> committedAt = new HashMap<>();
    private final Map<Long, String> failed = new HashMap<>();
    private final Map<Long, String> answers = new HashMap<>();

    public AnswersAreTrue(Cluster cluster) {
        super(cluster);
    }

    /** The core answered a proposal or read: once, and for good. */
    public void answered(NodeView node, long id, String answer) {
        String earlier = answers.putIfAbsent(id, answer);
        require(earlier == null, node, "answers request " + id + " with " + answer + " after " + earlier);
    }

    /** The core answered what nobody asked in this life. */
    public InvariantViolation unknownRequest(NodeView node, long id) {
        return violation(node, "answers request " + id + ", which nobody asked in this life");
    }

    /** A client was told that the write of this value is done. */
    public void writeAcknowledged(NodeView node, long value, long index) {
        Long committed = committedAt.get(value);
        require(
                committed != null && committed == index,
                node,
                "acknowledges the write of value " + value + " at index " + index + ", but it is committed at "
                        + committed);
    }

    /** A client was told that the write of this value did not happen and never will. */
    public void writeFailed(NodeView node, long value, String why) {
        Long committed = committedAt.get(value);
        require(
                committed == null,
                node,
                "says that the write of value " + value + " never happens (" + why + "), but it is committed at index "
                        + committed);
        failed.put(value, why);
    }

    @Override
    protected void committed(NodeView by, Entry entry, long inTerm) {
        if (entry.type() != Entry.Type.COMMAND) {
            return;
        }
        long value = NamedCommand.name(entry.payload());
        Long earlier = committedAt.putIfAbsent(value, entry.index());
        require(
                earlier == null,
                by,
                "commits the write of value " + value + " at index " + entry.index() + " after it was committed at "
                        + earlier);
        String why = failed.get(value);
        require(why == null, by, "commits the write of value " + value + ", which definitely failed: " + why);
    }
}
