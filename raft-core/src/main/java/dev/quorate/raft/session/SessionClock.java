package dev.quorate.raft.session;

import org.jspecify.annotations.Nullable;

/**
 * One member's part in log time: measures how long it has seen log time stand still. A leader proposes that, and log time
 * goes on. Only durations of a monotonic clock count, so it does not matter what the time of day is; while nobody leads, log
 * time stands still, as clients could not have kept a session alive either.
 */
public final class SessionClock {

    /** How often a leader moves log time while there are sessions. Half the largest step. */
    public static final long PERIOD_MILLIS = SessionTable.MAX_STEP_MILLIS / 2;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private boolean hasSeen;
    private long seenMillis;
    private long sinceNanos;

    /** Has seen nothing yet. */
    public SessionClock() {}

    /**
     * Looks at this member's table. Call it a few times in each period, whether this member leads or not.
     *
     * @param nowNanos of a monotonic clock
     * @param logTimeMillis what {@link SessionTable#nowMillis} says here
     * @param sessions how many are open here; without any, no time passes
     * @return what a leader should propose now, or null
     */
    public SessionCommand.@Nullable Tick observe(long nowNanos, long logTimeMillis, int sessions) {
        if (!hasSeen || logTimeMillis != seenMillis || sessions == 0) {
            hasSeen = true;
            seenMillis = logTimeMillis;
            sinceNanos = nowNanos;
            return null;
        }
        long elapsedMillis = (nowNanos - sinceNanos) / NANOS_PER_MILLI;
        return elapsedMillis < PERIOD_MILLIS ? null : new SessionCommand.Tick(logTimeMillis, elapsedMillis);
    }
}
