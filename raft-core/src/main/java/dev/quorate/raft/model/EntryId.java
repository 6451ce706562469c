package dev.quorate.raft.model;

/**
 * Where an entry is and who made it: the pair that log matching compares (Raft paper §5.3).
 *
 * @param index the entry's place, 0 for "before the first"
 * @param term its leader's term, 0 for "before the first"
 */
public record EntryId(long index, long term) implements Comparable<EntryId> {

    /** Before the first entry of any log. */
    public static final EntryId ZERO = new EntryId(0, 0);

    /**
     * Orders by "up to date" (Raft paper §5.4.1): the later last term wins; of equal terms the longer log. Comparing
     * the length first would elect a leader without a committed entry.
     */
    @Override
    public int compareTo(EntryId other) {
        int byTerm = Long.compare(term, other.term);
        return byTerm != 0 ? byTerm : Long.compare(index, other.index);
    }

    /**
     * Whether a log that ends here may lead one that ends there: by term first, then by index (Raft paper §5.4.1).
     */
    public boolean isAtLeastAsUpToDateAs(EntryId other) {
        return compareTo(other) >= 0;
    }

    @Override
    public String toString() {
        return index + "@" + term;
    }
}
