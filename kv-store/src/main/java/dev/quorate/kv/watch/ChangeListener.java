package dev.quorate.kv.watch;

import dev.quorate.kv.mvcc.KeyChange;
import java.util.List;

/** Hears what is written to the keys of a {@link Subscription}. Called on the watch thread, where nothing may wait. */
public interface ChangeListener {

    /** Changes in their order; every revision's in one call. */
    void changed(List<KeyChange> changes);

    /**
     * The subscription has ended.
     *
     * @param why {@link WatchEndedException#compactRevision} says whether it may begin again, and where
     */
    void ended(WatchEndedException why);
}
