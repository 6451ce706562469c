package dev.quorate.raft.simulator.observe;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Membership;
import java.util.Arrays;
import java.util.TreeMap;

/**
 * What is committed, as the first member to say so said it. Written once for each index; everything that any member holds,
 * applies or serves is measured against it.
 */
public final class CommittedLog {

    private long[] chains = new long[1024];
    private long[] terms = new long[1024];
    private long[] committedInTerm = new long[1024];
    private long[] stateHashes = new long[1024];
    private boolean[] stateKnown = new boolean[1024];
    private int lastIndex;
    private final TreeMap<Long, Membership> memberships = new TreeMap<>();

    /** @param initial the group's first membership */
    public CommittedLog(Membership initial) {
        memberships.put(0L, initial);
    }

    /** @param inTerm the term of the leader that committed it */
    public void append(Entry entry, long inTerm) {
        if (entry.index() != lastIndex + 1L) {
            throw new IllegalStateException("committed " + entry + " after index " + lastIndex);
        }
        lastIndex++;
        if (lastIndex == chains.length) {
            int grown = lastIndex * 2;
            chains = Arrays.copyOf(chains, grown);
            terms = Arrays.copyOf(terms, grown);
            committedInTerm = Arrays.copyOf(committedInTerm, grown);
            stateHashes = Arrays.copyOf(stateHashes, grown);
            stateKnown = Arrays.copyOf(stateKnown, grown);
        }
        chains[lastIndex] = Hashing.chain(chains[lastIndex - 1], entry);
        terms[lastIndex] = entry.term();
        committedInTerm[lastIndex] = inTerm;
        if (entry.type() == Entry.Type.MEMBERSHIP) {
            memberships.put(entry.index(), Membership.decode(entry.payload()));
        }
    }

    /** The membership that is in force after this committed index. */
    public Membership membershipAt(long index) {
        return memberships.floorEntry(index).getValue();
    }

    /** The newest membership that is committed. */
    public Membership membership() {
        return memberships.lastEntry().getValue();
    }

    /** The index of the newest membership that is committed. */
    public long membershipIndex() {
        return memberships.lastKey();
    }

    public long lastIndex() {
        return lastIndex;
    }

    /** The hash of the committed log up to and including {@code index}. */
    public long chainAt(long index) {
        return chains[slot(index)];
    }

    public long termAt(long index) {
        return terms[slot(index)];
    }

    /** The last index that was committed by a leader of an earlier term than this. */
    public long lastIndexCommittedBefore(long term) {
        int index = lastIndex;
        while (index > 0 && committedInTerm[index] >= term) {
            index--;
        }
        return index;
    }

    /** True if the log agrees with what is committed up to {@code index}, which both must know. */
    public boolean agreesWith(LogImage log, long index) {
        return log.knows(index) && log.chainAt(index) == chainAt(index);
    }

    /** The last committed index that this log holds: below it, it agrees with everything committed. */
    public long heldBy(LogImage log) {
        long high = Math.min(log.lastIndex(), lastIndex);
        if (high <= log.baseIndex()) {
            return Math.min(log.baseIndex(), lastIndex);
        }
        if (log.chainAt(high) == chainAt(high)) {
            return high;
        }
        // A prefix that differs at one index differs at every later one, so the border can be found by halving.
        long low = log.baseIndex();
        while (low + 1 < high) {
            long middle = (low + high) >>> 1;
            if (log.chainAt(middle) == chainAt(middle)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * Remembers a state machine's hash after an index, or compares it with the remembered one.
     *
     * @return false if another member's state was different after the same index
     */
    public boolean sameStateAt(long index, long stateHash) {
        int slot = slot(index);
        if (!stateKnown[slot]) {
            stateKnown[slot] = true;
            stateHashes[slot] = stateHash;
            return true;
        }
        return stateHashes[slot] == stateHash;
    }

    private int slot(long index) {
        if (index < 0 || index > lastIndex) {
            throw new IllegalStateException("index " + index + " is not committed; the last is " + lastIndex);
        }
        return (int) index;
    }
}
