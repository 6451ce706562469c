package dev.quorate.kv.cli.server;

import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.cli.Durations;
import dev.quorate.kv.cli.Sizes;
import dev.quorate.kv.server.AutoCompaction;
import dev.quorate.kv.server.Upkeep;
import java.time.Duration;
import java.util.Map;

/** Reads what a server is to do for its store by itself. */
final class UpkeepSettings {

    private static final String PERIODIC = "periodic";
    private static final String REVISION = "revision";

    private UpkeepSettings() {}

    /** @throws CliException (usage) that names the flag, the value and what would be right */
    static Upkeep of(Map<ServerFlag, String> values) {
        Upkeep upkeep = withCheckInterval(Upkeep.DEFAULTS.withCompaction(compaction(values)), values);
        String quota = values.get(ServerFlag.QUOTA_BACKEND_BYTES);
        if (quota == null) {
            return upkeep;
        }
        try {
            long bytes = Sizes.parse(quota);
            return upkeep.withQuotaBytes(bytes == 0 ? Upkeep.NO_QUOTA : bytes);
        } catch (IllegalArgumentException e) {
            throw CliException.usage("--quota-backend-bytes: " + e.getMessage());
        }
    }

    private static Upkeep withCheckInterval(Upkeep upkeep, Map<ServerFlag, String> values) {
        String interval = values.get(ServerFlag.CORRUPTION_CHECK_INTERVAL);
        if (interval == null) {
            return upkeep;
        }
        try {
            return upkeep.withCheckInterval(interval.equals("0") ? Duration.ZERO : Durations.parse(interval));
        } catch (IllegalArgumentException e) {
            throw CliException.usage("--corruption-check-interval: " + e.getMessage());
        }
    }

    private static AutoCompaction compaction(Map<ServerFlag, String> values) {
        String mode = values.getOrDefault(ServerFlag.AUTO_COMPACTION_MODE, PERIODIC);
        String retention = values.get(ServerFlag.AUTO_COMPACTION_RETENTION);
        if (!mode.equals(PERIODIC) && !mode.equals(REVISION)) {
            throw CliException.usage("--auto-compaction-mode " + mode + ": there are " + PERIODIC + " and " + REVISION);
        }
        if (retention == null || retention.equals("0")) {
            return AutoCompaction.OFF;
        }
        try {
            return mode.equals(PERIODIC)
                    ? new AutoCompaction.Periodic(Durations.parse(retention))
                    : new AutoCompaction.Revisions(Long.parseLong(retention));
        } catch (NumberFormatException e) {
            throw CliException.usage("--auto-compaction-retention " + retention
                    + ": in the mode revision give a number of revisions from 1 up");
        } catch (IllegalArgumentException e) {
            throw CliException.usage("--auto-compaction-retention: " + e.getMessage());
        }
    }
}
