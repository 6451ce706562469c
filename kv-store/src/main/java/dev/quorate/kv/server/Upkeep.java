package dev.quorate.kv.server;

import java.time.Duration;

/**
 * What a server does by itself so that its store stays small and right.
 *
 * @param quotaBytes how large the store may become before it takes no more, from 1 on; {@link #NO_QUOTA} for as large as the
 *     disk lets it. Default 2 GiB
 * @param compaction what history the leader gives up by itself. Default none
 * @param checkInterval how often the leader has the members compare what they hold, see {@link
 *     dev.quorate.kv.command.DataCheck}; each reads all its keys then. Zero for never. Default 12 hours
 */
public record Upkeep(long quotaBytes, AutoCompaction compaction, Duration checkInterval) {

    /** The store may become as large as it likes. */
    public static final long NO_QUOTA = Long.MAX_VALUE;

    private static final Duration LEAST_CHECK_INTERVAL = Duration.ofMillis(100);

    private static final long DEFAULT_QUOTA_BYTES = 2L << 30; // etcd's

    public static final Upkeep DEFAULTS = new Upkeep(DEFAULT_QUOTA_BYTES, AutoCompaction.OFF, Duration.ofHours(12));

    /** @throws IllegalArgumentException in one line, if a value is not usable */
    public Upkeep {
        if (quotaBytes < 1) {
            throw new IllegalArgumentException(
                    "a quota of " + quotaBytes + " bytes would take nothing; give at least 1, or NO_QUOTA");
        }
        if (checkInterval.isNegative()
                || (!checkInterval.isZero() && checkInterval.compareTo(LEAST_CHECK_INTERVAL) < 0)) {
            throw new IllegalArgumentException("an interval of " + checkInterval.toMillis()
                    + " ms between two comparisons of what members hold is too short: at least "
                    + LEAST_CHECK_INTERVAL.toMillis() + " ms, or 0 for none");
        }
    }

    public Upkeep withQuotaBytes(long bytes) {
        return new Upkeep(bytes, compaction, checkInterval);
    }

    public Upkeep withCompaction(AutoCompaction value) {
        return new Upkeep(quotaBytes, value, checkInterval);
    }

    public Upkeep withCheckInterval(Duration value) {
        return new Upkeep(quotaBytes, compaction, value);
    }
}
