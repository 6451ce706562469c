package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.Output;
import dev.quorate.raft.Persist;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * I4: if two logs hold an entry with the same index and term, they are the same up to it (Raft paper §5.3). Every append is
 * compared with the first one of the same index and term, anywhere, by the hash of the whole prefix.
 */
public final class LogMatching extends Invariant {

    private final Map<EntryId, Long> prefixes = new HashMap<>();

    public LogMatching(Cluster cluster) {
        super(cluster);
    }

    @Override
    protected void batchWritten(NodeView node, @Nullable RaftStatus before, RaftStatus after, Output output) {
        Persist write = output.persist();
        if (write == null) {
            return;
        }
        for (Entry entry : write.entries()) {
            if (entry.index() <= node.log().baseIndex()) {
                continue; // written and compacted in one batch
            }
            require(
                    entry.term() <= after.term(),
                    node,
                    "appends " + entry + ", of a later term than its own " + after.term());
            long prefix = node.log().chainAt(entry.index());
            Long first = prefixes.putIfAbsent(entry.id(), prefix);
            require(
                    first == null || first == prefix,
                    node,
                    "appends " + entry + ", but another log has another entry, or another prefix, there");
        }
    }
}
