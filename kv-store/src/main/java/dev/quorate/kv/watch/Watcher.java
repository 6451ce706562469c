package dev.quorate.kv.watch;

import dev.quorate.kv.mvcc.KeyRange;

/** One watch: some keys, from a revision on. Everything about it happens on the watch thread. */
public final class Watcher extends Interest {

    enum Phase {
        /** It is shown nothing yet. */
        NEW,
        /** Not all that is dispatched was shown to it: it is in its group's queue, or the table is being read for it. */
        LATE,
        /** It is in the index, and is shown what is dispatched. */
        LIVE,
        ENDED
    }

    final WatchGroup group;
    private final long id;
    Phase phase = Phase.NEW;
    /** Nothing before this revision is shown to it, because it was shown or was not asked for. */
    long next;

    Watcher(WatchGroup group, long id, KeyRange range, EventFilter filter, long next) {
        super(range, filter);
        this.group = group;
        this.id = id;
        this.next = next;
    }

    /** What the group's owner calls it. */
    public long id() {
        return id;
    }

    /** Whether it was shown everything up to {@link WatchGroup#dispatched}, and does not begin later. */
    public boolean isUpToDate() {
        return phase == Phase.LIVE && next <= group.dispatched() + 1;
    }
}
