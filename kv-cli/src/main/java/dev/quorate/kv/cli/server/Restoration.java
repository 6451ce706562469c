package dev.quorate.kv.cli.server;

import dev.quorate.kv.backup.BackupFile;
import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.server.KvRestore;
import dev.quorate.kv.server.KvServerException;
import java.util.function.LongConsumer;

/** A server's data directory out of a backup. */
public final class Restoration {

    private Restoration() {}

    /**
     * @param bump how many revisions later it goes on
     * @throws CliException if it cannot be done (definite: the directory is as it was)
     */
    public static KvRestore.Restored run(BackupFile backup, ServerSettings settings, long bump, LongConsumer progress) {
        try {
            return KvRestore.run(backup, ServerRun.config(settings), bump, progress);
        } catch (IllegalArgumentException e) {
            throw CliException.usage(settings.name() + ": " + e.getMessage());
        } catch (KvServerException e) {
            throw CliException.definite(settings.name() + ": " + e.getMessage());
        }
    }
}
