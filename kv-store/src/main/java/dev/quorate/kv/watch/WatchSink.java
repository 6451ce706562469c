package dev.quorate.kv.watch;

import dev.quorate.kv.mvcc.KeyChange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the watchers of a group are shown what they wait for. Called on the watch thread, which is everybody's: nothing may wait
 * here.
 */
public interface WatchSink {

    /**
     * Whether changes may be shown now; from any thread. If not, they are read again later, from the table if need be, and {@link
     * WatchGroup#ready} must be called when it changes.
     */
    boolean isReady();

    /**
     * Changes of a watcher's keys, in their order; every revision's in one call.
     *
     * @param revision the watcher was shown everything up to this one
     */
    void changes(Watcher watcher, List<KeyChange> changes, long revision);

    /** The watcher has ended, because the next change that it needs may be compacted away. It can begin here at the earliest. */
    void compacted(Watcher watcher, long compactRevision);

    /** After {@link WatchGroup#requestProgress}: all watchers were shown everything up to this revision. */
    void progress(long revision);

    /**
     * All watches of this member end.
     *
     * @param failure null if the server stops
     */
    void ended(@Nullable Throwable failure);
}
