package dev.quorate.kv.command;

import dev.quorate.kv.api.AlarmType;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.Writer;

/** A store out of a backup becomes the beginning of a new cluster. Deterministic: every founder does the same to its copy. */
public final class RestoredStore {

    private RestoredStore() {}

    /**
     * Takes away what was said of the old cluster's members, and moves the revision. What was found out about the data, the alarm
     * CORRUPT, stays: it is as true of the copy.
     *
     * @param bump by how much; 0 to go on with the backup's revision and history
     */
    public static void prepare(MvccStore store, long bump) {
        Writer writer = store.writer();
        writer.begin();
        boolean isDone = false;
        try {
            for (String name : store.named().keySet()) {
                if (Members.isRow(name) || DataCheck.isRow(name) || Alarms.isRow(name, AlarmType.NOSPACE)) {
                    writer.removeNamed(name);
                }
            }
            if (bump > 0) {
                writer.skipTo(Math.addExact(writer.state().revision(), bump));
            }
            isDone = true;
        } finally {
            if (!isDone) {
                writer.abandon();
            }
        }
        writer.end();
    }
}
