package dev.quorate.kv.backup;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * What a backup says of itself, in the archive's first entry.
 *
 * @param clusterId the cluster it was taken of
 * @param member the member that gave it
 * @param takenAt by that member's clock, in whole seconds
 * @param revision the newest revision that is in it
 * @param compactedRevision the history before is not in it; -1 if nothing was ever compacted
 * @param appliedIndex the last log entry whose effect is in it
 * @param estimatedKeys about how many keys it has
 */
public record BackupInfo(
        long clusterId,
        String member,
        Instant takenAt,
        long revision,
        long compactedRevision,
        long appliedIndex,
        long estimatedKeys) {

    static final String ENTRY_NAME = "backup";

    private static final String FORMAT = "quorate backup format ";
    private static final String VERSION = "1";
    private static final int LINES = 8;

    String toText() {
        return String.join(
                "\n",
                FORMAT + VERSION,
                "cluster id " + String.format(Locale.ROOT, "%016x", clusterId),
                "member " + member,
                "taken at " + takenAt,
                "revision " + revision,
                "compacted revision " + compactedRevision,
                "applied index " + appliedIndex,
                "keys about " + estimatedKeys,
                "");
    }

    /** @throws IOException if this is no such text, or one of a later version */
    static BackupInfo parse(String text) throws IOException {
        List<String> lines = text.lines().toList();
        if (lines.isEmpty() || !lines.get(0).startsWith(FORMAT)) {
            throw new IOException("it is no backup of Quorate");
        }
        if (!lines.get(0).equals(FORMAT + VERSION)) {
            throw new IOException("it has the format '" + lines.get(0).substring(FORMAT.length())
                    + "', and this version reads format " + VERSION);
        }
        if (lines.size() < LINES) {
            throw new IOException("what it says of itself is cut short after '" + lines.get(lines.size() - 1) + "'");
        }
        try {
            return new BackupInfo(
                    Long.parseUnsignedLong(after("cluster id ", lines.get(1)), 16),
                    after("member ", lines.get(2)),
                    Instant.parse(after("taken at ", lines.get(3))),
                    Long.parseLong(after("revision ", lines.get(4))),
                    Long.parseLong(after("compacted revision ", lines.get(5))),
                    Long.parseLong(after("applied index ", lines.get(6))),
                    Long.parseLong(after("keys about ", lines.get(7))));
        } catch (NumberFormatException | DateTimeException e) {
            throw new IOException("what it says of itself cannot be read: " + e.getMessage(), e);
        }
    }

    private static String after(String label, String line) throws IOException {
        if (!line.startsWith(label)) {
            throw new IOException("what it says of itself has '" + line + "' where '" + label + "' is expected");
        }
        return line.substring(label.length());
    }
}
