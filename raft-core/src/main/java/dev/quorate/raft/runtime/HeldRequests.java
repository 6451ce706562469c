package dev.quorate.raft.runtime;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Requests that came while this member knew no leader, in the order in which they came. An election takes a moment; a client
 * that was refused for it could only ask again. The core has seen none of them, so each can still end with a definite answer.
 * The raft thread owns it.
 */
final class HeldRequests {

    private record Held(Request request, long untilNanos) {}

    private final int maxCount;
    private final long maxBytes;
    private final long waitNanos;
    private final ArrayDeque<Held> waiting = new ArrayDeque<>();
    private long bytes;

    /** @param waitNanos how long a request may wait for a leader; one whose own time is over sooner ends then */
    HeldRequests(int maxCount, long maxBytes, long waitNanos) {
        this.maxCount = maxCount;
        this.maxBytes = maxBytes;
        this.waitNanos = waitNanos;
    }

    /** Takes the request, or refuses it as overloaded. One always fits, however large. */
    void hold(Request request, long nowNanos) {
        boolean fits = waiting.size() < maxCount && bytes + request.sizeBytes() <= maxBytes;
        if (!waiting.isEmpty() && !fits) {
            request.refuse(new RaftException.Overloaded(
                    waiting.size() + " requests of " + bytes + " bytes already wait for a leader"));
            return;
        }
        bytes += request.sizeBytes();
        long ownTimeNanos = request.deadlineNanos() - nowNanos;
        waiting.add(new Held(request, nowNanos + Math.min(waitNanos, ownTimeNanos)));
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** The oldest request, which is held no more; null if there is none. */
    @Nullable
    Request poll() {
        Held oldest = waiting.poll();
        if (oldest == null) {
            return null;
        }
        bytes -= oldest.request().sizeBytes();
        return oldest.request();
    }

    /** Nobody came to lead in time: nothing happened to these, and nothing will. */
    void expire(long nowNanos) {
        for (Held oldest = waiting.peek();
                oldest != null && nowNanos - oldest.untilNanos() >= 0;
                oldest = waiting.peek()) {
            refuseOldest(new RaftException.NotLeader(null));
        }
    }

    /** Ends everything. */
    void refuseAll(RaftException why) {
        while (!waiting.isEmpty()) {
            refuseOldest(why);
        }
    }

    private void refuseOldest(RaftException why) {
        Request oldest = poll();
        if (oldest != null) {
            oldest.refuse(why);
        }
    }
}
