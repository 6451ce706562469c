package dev.quorate.raft;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which forwarded proposals this member has answered in this life, in whatever role: the network repeats itself, and the
 * second copy may arrive when the leadership that accepted the first one is over. To refuse it then would be a lie: "it never
 * happens" is said of an entry that stands in the log.
 */
final class ForwardsSeen {

    private record Mark(long incarnation, long batch) {
        boolean isBefore(long otherIncarnation, long otherBatch) {
            return incarnation < otherIncarnation || (incarnation == otherIncarnation && batch < otherBatch);
        }
    }

    private final long termAtStart;
    private final Map<NodeId, Mark> seen = new TreeMap<>();

    /** @param termAtStart the term in which this life began: what earlier lives accepted, they did in this one or before */
    ForwardsSeen(long termAtStart) {
        this.termAtStart = termAtStart;
    }

    /** Takes note of a message. Returns false if it was answered already, or may have been in an earlier life. */
    boolean isNews(Message.Propose message) {
        Mark before = seen.get(message.from());
        if (message.term() <= termAtStart
                || (before != null && !before.isBefore(message.incarnation(), message.batch()))) {
            return false;
        }
        seen.put(message.from(), new Mark(message.incarnation(), message.batch()));
        return true;
    }
}
