package dev.quorate.raft.runtime;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.NodeId;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Proposals that have a place in the log, by index, until an entry is applied there. The apply thread owns it.
 *
 * <p>The term decides. The entry that is applied at a proposal's index either has the proposal's term, and then is that
 * proposal (log matching, Raft paper §5.3); or it has another, and then the proposal's place is taken for ever: it did not
 * happen and never will.
 */
final class PendingProposals<R> {

    private final Map<Long, Proposal<R>> byIndex = new HashMap<>();
    private final Supplier<@Nullable NodeId> leader;

    PendingProposals(Supplier<@Nullable NodeId> leader) {
        this.leader = leader;
    }

    void add(Proposal<R> proposal, long appliedIndex) {
        if (proposal.position().index() <= appliedIndex) {
            proposal.completeExceptionally(new RaftException.OutcomeUnknown("its place in the log, "
                    + proposal.position() + ", became known only after this member had applied " + appliedIndex));
            return;
        }
        // Under two leaders the same index can be promised twice; the applied term tells them apart.
        proposal.chain(byIndex.put(proposal.position().index(), proposal));
    }

    void applied(Entry entry, @Nullable R result) {
        if (byIndex.isEmpty()) {
            return;
        }
        Proposal<R> proposal = byIndex.remove(entry.index());
        for (; proposal != null; proposal = proposal.nextAtSameIndex()) {
            if (proposal.position().term() == entry.term()) {
                complete(proposal, result);
            } else {
                proposal.completeExceptionally(new RaftException.NotLeader(leader.get()));
            }
        }
    }

    @SuppressWarnings("NullAway") // the embedder's result may be null if its R says so
    private static <R> void complete(Proposal<R> proposal, @Nullable R result) {
        proposal.complete(result);
    }

    /** A snapshot took the place of everything up to here: what was applied at these indexes is not known. */
    void skipped(EntryId upTo) {
        Iterator<Map.Entry<Long, Proposal<R>>> all = byIndex.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<Long, Proposal<R>> next = all.next();
            if (next.getKey() <= upTo.index()) {
                all.remove();
                for (Proposal<R> lost = next.getValue(); lost != null; lost = lost.nextAtSameIndex()) {
                    lost.completeExceptionally(
                            new RaftException.OutcomeUnknown("this member was behind and took over the "
                                    + "snapshot at " + upTo + " instead of applying the entry at " + lost.position()));
                }
            }
        }
    }
}
