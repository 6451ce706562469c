package dev.quorate.kv.watch;

import dev.quorate.kv.mvcc.KeyChange;

/**
 * Which changes of its keys a watcher is shown, and with what.
 *
 * @param puts whether it is shown puts
 * @param deletes whether it is shown deletions
 * @param previous whether it is shown the pair before as well
 */
public record EventFilter(boolean puts, boolean deletes, boolean previous) {

    /** Every change, without the pair before. */
    public static final EventFilter ALL = new EventFilter(true, true, false);

    boolean passes(KeyChange change) {
        return change.isDelete() ? deletes : puts;
    }
}
