package dev.quorate.kv.watch;

import dev.quorate.kv.mvcc.KeyRange;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The watchers that share a sink, such as those of a client's stream. On the watch thread, where nothing else is said. */
public final class WatchGroup {

    /** {@link #progressTarget} when nobody asked. */
    static final long NO_PROGRESS = -1;

    final WatchSink sink;
    final Set<Watcher> watchers = new LinkedHashSet<>();
    /** Those that are late and wait for the sink; some may have ended. */
    final Deque<Watcher> waiting = new ArrayDeque<>();
    /** Those that are late, waiting or not. */
    int lateCount;
    /** Progress is to be told when everything up to this revision was shown. */
    long progressTarget = NO_PROGRESS;

    boolean isClosed;

    private final Dispatcher dispatcher;

    WatchGroup(Dispatcher dispatcher, WatchSink sink) {
        this.dispatcher = dispatcher;
        this.sink = sink;
    }

    /**
     * Adds a watcher, which is shown nothing before {@link #begin}.
     *
     * @param id what the caller calls it
     * @param startRevision the first revision to be shown; 0 for what is written from now on
     * @return null if there are as many watchers as there may be
     */
    public @Nullable Watcher add(long id, KeyRange range, EventFilter filter, long startRevision) {
        return dispatcher.add(this, id, range, filter, startRevision);
    }

    /** From now on it is shown changes, also from within this call. */
    public void begin(Watcher watcher) {
        dispatcher.begin(watcher);
    }

    /** Nothing is shown to it any more. */
    public void cancel(Watcher watcher) {
        dispatcher.end(watcher);
    }

    /** Tells the sink once how far all watchers are, as soon as they have what is written by now. */
    public void requestProgress() {
        dispatcher.requestProgress(this);
    }

    /** Up to where changes were shown to those that are up to date. */
    public long dispatched() {
        return dispatcher.dispatched();
    }

    /** The sink takes changes again. From any thread. */
    public void ready() {
        dispatcher.readyLater(this);
    }

    /** Ends all of its watchers. */
    public void close() {
        dispatcher.close(this);
    }
}
