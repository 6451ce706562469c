package dev.quorate.jepsen.lease;

import java.util.ArrayList;
import java.util.List;

/**
 * One lease from its grant to its end, as its holder knows it. Times are those of the run's clock, in nanoseconds.
 *
 * <p>Written by its holder, and read when the holder has stopped.
 */
final class LeaseLife {

    final long id;
    final long ttlNanos;
    /** Two, so that it shows whether they go together; only those whose put was acknowledged. */
    final List<String> keys = new ArrayList<>();
    /** Until then it cannot end by itself: the last acknowledged renewal was sent a TTL before. */
    long lastsUntilNanos;
    /** When it was asked to be revoked; what happens to its keys afterwards is right. */
    long revokeSentNanos = Long.MAX_VALUE;

    /** By then its keys were gone; 0 if no revocation was acknowledged. */
    long revokedByRevision;

    LeaseLife(long id, long ttlNanos, long grantSentNanos) {
        this.id = id;
        this.ttlNanos = ttlNanos;
        this.lastsUntilNanos = grantSentNanos + ttlNanos;
    }
}
