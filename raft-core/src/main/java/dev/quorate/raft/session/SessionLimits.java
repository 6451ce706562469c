package dev.quorate.raft.session;

/**
 * How much a group remembers for its sessions. The limits are part of the replicated state: a leader that has others than
 * those in force brings its own through the log, so that every member refuses the same session at the same entry.
 *
 * @param maxSessions how many sessions may be open, at least 1; more are refused. Default 10,000
 * @param maxReservedBytes what all sessions together may reserve, at least 1: each reserves {@link SessionCommand.Open#reservedBytes}
 *     when it is opened, so nothing ever has to be evicted. Default 64 MiB
 */
public record SessionLimits(int maxSessions, long maxReservedBytes) {

    /** In force until a leader says otherwise. */
    public static final SessionLimits DEFAULT = new SessionLimits(10_000, 64L << 20);

    /** Checks the ranges. */
    public SessionLimits {
        if (maxSessions < 1 || maxReservedBytes < 1) {
            throw new IllegalArgumentException("maxSessions is " + maxSessions + " and maxReservedBytes "
                    + maxReservedBytes + "; both must be at least 1");
        }
    }
}
