package dev.quorate.raft;

import dev.quorate.raft.model.NodeId;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Linearizable reads at the leader (thesis §6.4). Reads gather; a round takes all that have gathered, notes the commit index
 * and asks everybody whether this is still the leader. When a quorum has answered <em>that round or a later one</em>, its
 * reads are confirmed. The leader numbers its rounds itself: an answer to an earlier question says nothing about a read that
 * came after it, whatever the client calls its request.
 */
final class ReadIndexQueue {

    /**
     * @param from the follower that asks, null for a read of this member
     * @param readIndex the commit index when the round was sent
     * @param sentNanos when that was
     */
    record Read(@Nullable NodeId from, long id, long round, long readIndex, long sentNanos) {}

    private final int limit;
    private final ArrayDeque<Read> gathering = new ArrayDeque<>();
    private final ArrayDeque<Read> asked = new ArrayDeque<>();

    ReadIndexQueue(int limit) {
        this.limit = limit;
    }

    /** Returns false, and takes nothing, if too many wait. */
    boolean add(@Nullable NodeId from, long id) {
        if (gathering.size() + asked.size() >= limit) {
            return false;
        }
        gathering.add(new Read(from, id, 0, 0, 0));
        return true;
    }

    boolean isGathering() {
        return !gathering.isEmpty();
    }

    /** True if a round is on its way: reads that come now wait for the next, so that rounds are few and large. */
    boolean isAsking() {
        return !asked.isEmpty();
    }

    /** This round takes along everything that has gathered. It must leave after this call. */
    void startRound(long round, long commitIndex, long nowNanos) {
        for (Read read = gathering.poll(); read != null; read = gathering.poll()) {
            asked.add(new Read(read.from(), read.id(), round, commitIndex, nowNanos));
        }
    }

    /** A quorum has answered this round or a later one. */
    void confirmed(long round, Consumer<Read> reader) {
        for (Read read = asked.peek(); read != null && read.round() <= round; read = asked.peek()) {
            asked.remove();
            reader.accept(read);
        }
    }

    /** The leadership is over: nothing that waits can be confirmed any more. */
    void drain(Consumer<Read> reader) {
        asked.forEach(reader);
        gathering.forEach(reader);
        asked.clear();
        gathering.clear();
    }
}
