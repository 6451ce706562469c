package dev.quorate.raft.tracker;

import dev.quorate.raft.model.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * What a leader knows of one follower.
 *
 * <pre>
 *             accepted                      next is compacted
 *   PROBE ───────────────▶ REPLICATE       PROBE, REPLICATE ──────▶ SNAPSHOT
 *         ◀───────────────                                  ◀──────  installed, or failed: PROBE
 *      refused, unreachable
 * </pre>
 *
 * <p>PROBE looks for the place where the logs agree, one message at a time. REPLICATE sends ahead, as far as the
 * {@link Inflights} allow. SNAPSHOT waits for the follower to install one.
 *
 * <p>Invariant: {@code match < next}. {@code match} never falls within a term (a late, repeated or reordered answer is no
 * news), so what was counted for a commit stays true; unless the follower says itself that its log is damaged.
 */
public final class Progress {

    /** How the follower is being served. */
    public enum State {
        PROBE,
        REPLICATE,
        SNAPSHOT
    }

    /** No offered snapshot waits for an answer. */
    public static final long NO_OFFER = Long.MAX_VALUE;

    private final Inflights inflights;
    private State state = State.PROBE;
    private long match;
    private long next;
    private boolean probeSent;
    private boolean unanswered;
    private long fetchingFrom;
    private long sentCommit;
    private long ackedRound;
    private long lastContactNanos;
    private long offeredIndex;
    private long oldestOfferIndex = NO_OFFER;
    private long snapshotOfferedNanos;
    private @Nullable NodeId offeredSource;
    private boolean sourceFailed;
    private boolean hasBegun;
    private boolean wasDamaged;
    private long damagedNanos;
    private long heldSnapshotIndex;

    public Progress(long next, int maxInflightAppends, long maxInflightBytes, long nowNanos) {
        this.next = next;
        this.inflights = new Inflights(maxInflightAppends, maxInflightBytes);
        this.lastContactNanos = nowNanos;
    }

    public State state() {
        return state;
    }

    /** The last index that the follower is known to hold durably, 0 for none. */
    public long match() {
        return match;
    }

    /** The next index to send. */
    public long next() {
        return next;
    }

    /** True if entries may be sent now. */
    public boolean mayAppend() {
        return switch (state) {
            case PROBE -> !probeSent;
            case REPLICATE -> !isFetching() && !inflights.isFull();
            case SNAPSHOT -> false;
        };
    }

    public boolean hasInflights() {
        return inflights.count() > 0;
    }

    /** An AppendEntries with entries up to {@code lastIndex} leaves; 0 bytes if it has none. */
    public void sent(long lastIndex, long sizeBytes) {
        if (state == State.REPLICATE) {
            if (sizeBytes > 0) {
                inflights.add(lastIndex, sizeBytes);
                next = lastIndex + 1;
            }
        } else {
            probeSent = true;
        }
    }

    /** The follower holds everything up to {@code index}. Returns true if that is news. */
    public boolean accepted(long index) {
        inflights.freeThrough(index);
        probeSent = false;
        boolean news = index > match;
        if (news) {
            match = index;
        }
        next = Math.max(next, index + 1);
        if (state == State.PROBE) {
            state = State.REPLICATE;
            inflights.clear();
            next = match + 1;
            offerAnswered();
        } else if (state == State.SNAPSHOT && match >= offeredIndex) {
            probeFrom(match + 1);
            offerAnswered();
        }
        return news;
    }

    /**
     * The follower refused an append after {@code prevLogIndex}.
     *
     * @param lastAgreeing the largest index where the logs can agree, from the follower's hint and the leader's own terms
     * @return false if the refusal is old news: an append that was sent before the last one or is acknowledged meanwhile
     */
    public boolean refused(long prevLogIndex, long lastAgreeing) {
        // A refusal at what is acknowledged is old, or the follower's disk has forgotten. Asking again at once would
        // get
        // the same answer, as fast as the network can carry the two messages.
        if (state == State.SNAPSHOT || prevLogIndex <= match) {
            return false;
        }
        if (state == State.REPLICATE) {
            probeFrom(match + 1);
            return true;
        }
        if (next - 1 != prevLogIndex) {
            return false;
        }
        next = Math.max(match + 1, Math.min(prevLogIndex, lastAgreeing + 1));
        probeSent = false;
        return true;
    }

    /** Messages may have been lost: look again where the logs agree. */
    public void unreachable() {
        if (state == State.REPLICATE) {
            probeFrom(match + 1);
        }
    }

    /** A snapshot up to {@code index} was offered; nothing else is sent until the follower has answered. */
    public void snapshotOffered(long index, NodeId source, long nowNanos) {
        state = State.SNAPSHOT;
        offeredIndex = index;
        offeredSource = source;
        hasBegun = true;
        oldestOfferIndex = Math.min(oldestOfferIndex, index);
        inflights.clear();
        fetchingFrom = 0;
        snapshotOfferedNanos = nowNanos;
    }

    public long snapshotOfferedNanos() {
        return snapshotOfferedNanos;
    }

    /**
     * The oldest snapshot that was offered since the follower last answered an offer, {@link #NO_OFFER} if it has answered
     * all: it may be installing that one, and will need what follows it.
     */
    public long oldestOfferIndex() {
        return oldestOfferIndex;
    }

    /** The follower has installed what it was offered, or has failed to. */
    public void offerAnswered() {
        oldestOfferIndex = NO_OFFER;
    }

    /** Who has the snapshot that was offered last; null if none ever was. */
    public @Nullable NodeId offeredSource() {
        return offeredSource;
    }

    /**
     * The follower could not install what it was offered. The next offer comes with a heartbeat: from the leader if the last
     * was to be fetched from another follower, else from anybody.
     */
    public void offerFailed(NodeId leader) {
        sourceFailed = !leader.equals(offeredSource);
        hasBegun = false;
        pause();
    }

    /**
     * True if the follower may have a part of this snapshot from this member, and has not said that it came to nothing. The parts of
     * two members' snapshots are different files.
     */
    public boolean hasBegun(long index, NodeId source) {
        return hasBegun && offeredIndex == index && source.equals(offeredSource);
    }

    /** True if the leader itself should be the next source. */
    public boolean sourceFailed() {
        return sourceFailed;
    }

    /** The follower says which snapshot others can fetch from it, 0 for none. */
    public void holdsSnapshot(long index) {
        heldSnapshotIndex = index;
    }

    public long heldSnapshotIndex() {
        return heldSnapshotIndex;
    }

    /** The follower's log now starts after {@code index} at the earliest. */
    public void snapshotInstalled(long index) {
        sourceFailed = false;
        hasBegun = false;
        match = Math.max(match, index);
        inflights.freeThrough(match);
        next = Math.max(
                next, match + 1); // in any state: a late answer to an earlier offer is news of the match as well
        if (state == State.SNAPSHOT) {
            probeFrom(match + 1);
        }
    }

    /**
     * The follower says, with each heartbeat until it is repaired, that its log is damaged: what it acknowledged past {@code lastIndex}
     * counts for nothing more.
     */
    public void damaged(long lastIndex, long nowNanos) {
        wasDamaged = true;
        damagedNanos = nowNanos;
        if (match > lastIndex) {
            match = lastIndex;
            offerAnswered();
            hasBegun = false;
            probeFrom(match + 1);
        }
    }

    /** True if the follower has said so in this term: then {@link #match} may have fallen. */
    public boolean wasDamaged() {
        return wasDamaged;
    }

    /** True if it has said so within this time: it gives no vote then. */
    public boolean isDamaged(long nowNanos, long withinNanos) {
        return wasDamaged && nowNanos - damagedNanos < withinNanos;
    }

    /** A probe that got no answer may be repeated, without entries: the follower may be gone for long. */
    public void releaseProbe() {
        if (probeSent) {
            probeSent = false;
            unanswered = true;
        }
    }

    /** True if the last probe got no answer, so that the next one should cost little. */
    public boolean isUnanswered() {
        return unanswered;
    }

    /** Sends nothing until the next heartbeat has released it. */
    public void pause() {
        probeFrom(match + 1);
        probeSent = true;
    }

    /** True if the entry that is to be sent next is being read from the durable log. */
    public boolean isFetching() {
        return fetchingFrom == next;
    }

    /** The entries from {@link #next} on are asked for; nothing is sent until they are here, or not needed any more. */
    public void fetchStarted() {
        fetchingFrom = next;
    }

    public void fetchEnded() {
        fetchingFrom = 0;
    }

    /** The largest commit index that was sent to the follower since it was last probed. */
    public long sentCommit() {
        return sentCommit;
    }

    public void commitSent(long index) {
        sentCommit = Math.max(sentCommit, index);
    }

    /** The newest heartbeat round that the follower has answered, 0 for none. */
    public long ackedRound() {
        return ackedRound;
    }

    /** The follower has answered this round. Returns true if that is news. */
    public boolean roundAcked(long round) {
        boolean news = round > ackedRound;
        ackedRound = Math.max(ackedRound, round);
        return news;
    }

    public long lastContactNanos() {
        return lastContactNanos;
    }

    public void contact(long nowNanos) {
        unanswered = false;
        lastContactNanos = nowNanos;
    }

    private void probeFrom(long index) {
        state = State.PROBE;
        next = index;
        probeSent = false;
        fetchingFrom = 0;
        sentCommit = 0;
        inflights.clear();
    }
}
