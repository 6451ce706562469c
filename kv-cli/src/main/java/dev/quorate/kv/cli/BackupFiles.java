package dev.quorate.kv.cli;

import dev.quorate.kv.backup.BackupFile;
import dev.quorate.kv.backup.BackupInfo;
import dev.quorate.kv.cli.cluster.Failures;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Backups that a command was given, and what it says of them. */
final class BackupFiles {

    private BackupFiles() {}

    /** @throws CliException if there is no whole backup */
    static BackupFile open(Path file) {
        try {
            return BackupFile.open(file);
        } catch (IOException e) {
            throw CliException.definite(Failures.reason(e));
        }
    }

    /** Reads all of it, with a progress bar. */
    static void verify(BackupFile backup) throws IOException {
        ProgressBar bar = new ProgressBar(System.err, Tty.STANDARD_ERROR.isTerminal());
        try {
            backup.verify(read -> bar.at(read, backup.archiveBytes()));
        } finally {
            bar.clear();
        }
    }

    static void print(Path file, BackupFile backup, OutputOptions output, Terminal terminal) {
        BackupInfo info = backup.info();
        String cluster = String.format(Locale.ROOT, "%016x", info.clusterId());
        if (output.json()) {
            terminal.line(JsonWriter.object(json -> json.field("file", file.toString())
                    .field("sha256", backup.sha256())
                    .field("revision", info.revision())
                    .field("compactRevision", info.compactedRevision())
                    .field("raftAppliedIndex", info.appliedIndex())
                    .field("estimatedKeys", info.estimatedKeys())
                    .field("sizeBytes", backup.archiveBytes())
                    .field("clusterId", cluster)
                    .field("member", info.member())
                    .field("takenAt", info.takenAt().toString())));
            return;
        }
        List<List<String>> rows = List.of(
                List.of("file", file.toString()),
                List.of("sha256", backup.sha256()),
                List.of(
                        "revision",
                        info.revision()
                                + (info.compactedRevision() < 0 ? "" : ", history from " + info.compactedRevision())),
                List.of("keys", "about " + info.estimatedKeys()),
                List.of("size", Sizes.text(backup.archiveBytes())),
                List.of("taken", info.takenAt() + " of member " + info.member() + " of cluster " + cluster));
        rows.forEach(row -> terminal.line(String.format(Locale.ROOT, "%-9s %s", row.get(0), row.get(1))));
    }
}
