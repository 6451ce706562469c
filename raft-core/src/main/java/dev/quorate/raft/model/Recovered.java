package dev.quorate.raft.model;

import java.util.List;

/**
 * What survived: the durable state from which a member starts. A member that never ran has {@link HardState#INITIAL}, a
 * {@code base} at index 0 with the group's first membership, and nothing else.
 *
 * @param incarnation which life of this node begins, from 1; larger than that of every earlier life
 * @param hardState the last durable term and vote
 * @param base what stands before the first entry of the log
 * @param termRuns the terms of the log after {@code base}, in order: the first run starts at the first entry, {@code
 *     base.index() + 1}, and there is none if the log has no entries
 * @param membershipEntries every membership entry of the log after {@code base}, in order
 * @param lastIndex the last entry of the log, {@code base.index()} if it has none
 * @param tail the newest entries, contiguous and ending at {@code lastIndex}; may be fewer than there are, or none
 * @param damaged true if this is not all that was durable once: entries that this member acknowledged are lost or unreadable, and
 *     were cut away with all that followed. The term and the vote are whole. Stays true until a {@link dev.quorate.raft.Persist}
 *     says that the log is {@code repaired}
 */
public record Recovered(
        long incarnation,
        HardState hardState,
        SnapshotMeta base,
        List<TermRun> termRuns,
        List<Entry> membershipEntries,
        long lastIndex,
        List<Entry> tail,
        boolean damaged) {

    /** Nothing was lost. */
    public Recovered(
            long incarnation,
            HardState hardState,
            SnapshotMeta base,
            List<TermRun> termRuns,
            List<Entry> membershipEntries,
            long lastIndex,
            List<Entry> tail) {
        this(incarnation, hardState, base, termRuns, membershipEntries, lastIndex, tail, false);
    }

    /** From {@code firstIndex} up to the next run, or to the end of the log, entries have this term. */
    public record TermRun(long firstIndex, long term) {}

    /** Copies the lists. */
    public Recovered {
        termRuns = List.copyOf(termRuns);
        membershipEntries = List.copyOf(membershipEntries);
        tail = List.copyOf(tail);
    }
}
