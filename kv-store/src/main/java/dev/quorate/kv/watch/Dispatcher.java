package dev.quorate.kv.watch;

import dev.quorate.kv.mvcc.ChangeScan;
import dev.quorate.kv.mvcc.KeyChange;
import dev.quorate.kv.mvcc.KeyRange;
import dev.quorate.kv.mvcc.MvccStore;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows changes to watchers: each change of its range to each watcher once, in the order of the revisions. All on the watch thread.
 *
 * <p>A watcher is live, and is found through the index; or it is late, and catches up out of {@link RecentChanges}, or out of the
 * table if these do not reach back to it. It becomes live at a moment when nothing is missing: {@link #dispatched} does
 * not move meanwhile, because this thread moves it.
 */
final class Dispatcher {

    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final MvccStore store;
    private final WatchLimits limits;
    private final Mailbox mailbox;
    private final Consumer<ReadRequest> reader;
    private final InterestIndex<Watcher> index = new InterestIndex<>();
    private final RecentChanges recent;
    private final Set<WatchGroup> groups = new LinkedHashSet<>();
    private final Set<WatchGroup> awaitingProgress = new LinkedHashSet<>();
    private final List<Watcher> touched = new ArrayList<>();
    private final AtomicInteger watcherCount = new AtomicInteger(); // changed on the watch thread only
    /** Every change up to this revision was shown to every live watcher. */
    private long dispatched;

    /** @param reader takes what is to be read from the table, and answers with {@link #read} */
    Dispatcher(MvccStore store, WatchLimits limits, Mailbox mailbox, Consumer<ReadRequest> reader) {
        this.store = store;
        this.limits = limits;
        this.mailbox = mailbox;
        this.reader = reader;
        mailbox.listen(); // before the look at the state: what is written after it is handed over
        this.dispatched = store.state().revision();
        this.recent = new RecentChanges(limits, dispatched + 1);
    }

    long dispatched() {
        return dispatched;
    }

    WatchGroup open(WatchSink sink) {
        WatchGroup group = new WatchGroup(this, sink);
        groups.add(group);
        return group;
    }

    @Nullable
    Watcher add(WatchGroup group, long id, KeyRange range, EventFilter filter, long startRevision) {
        if (watcherCount.get() == limits.watchers()) {
            return null;
        }
        watcherCount.incrementAndGet();
        long next = startRevision == 0 ? store.state().revision() + 1 : startRevision;
        Watcher watcher = new Watcher(group, id, range, filter, next);
        group.watchers.add(watcher);
        return watcher;
    }

    void begin(Watcher watcher) {
        long compacted = store.state().compacted();
        if (watcher.next < compacted) {
            compacted(watcher, compacted);
            return;
        }
        watcher.phase = Watcher.Phase.LATE;
        watcher.group.lateCount++;
        catchUp(watcher);
    }

    void end(Watcher watcher) {
        switch (watcher.phase) {
            case LIVE -> index.remove(watcher);
            case LATE -> watcher.group.lateCount--;
            case ENDED -> {
                return;
            }
            case NEW -> {}
        }
        watcher.phase = Watcher.Phase.ENDED;
        watcher.takeFound();
        watcher.group.watchers.remove(watcher);
        watcherCount.decrementAndGet();
    }

    void close(WatchGroup group) {
        group.isClosed = true;
        for (Watcher watcher : List.copyOf(group.watchers)) {
            end(watcher);
        }
        group.waiting.clear();
        groups.remove(group);
        awaitingProgress.remove(group);
    }

    void endAll(@Nullable Throwable failure) {
        for (WatchGroup group : List.copyOf(groups)) {
            close(group);
            tell(group, () -> group.sink.ended(failure));
        }
    }

    void readyLater(WatchGroup group) {
        mailbox.offer(() -> serve(group));
    }

    /** Shows what was written; what did not fit into the mailbox is left to the table. */
    void dispatch(Mailbox.Mail mail) {
        long open = 0; // the revision whose changes are coming
        long bytes = 0;
        for (List<KeyChange> changes : mail.changes) {
            for (KeyChange change : changes) {
                long revision = change.revision();
                if (revision <= dispatched) {
                    continue; // it was there before this began to listen, or came with a snapshot
                }
                if (revision != open) {
                    dispatched = Math.max(dispatched, open);
                    boolean isGap = revision > dispatched + 1;
                    if (bytes >= limits.responseBytes() || isGap) {
                        showFound();
                        bytes = 0;
                    }
                    if (isGap) {
                        skip(revision - 1);
                    }
                    open = revision;
                }
                recent.add(change);
                bytes += change.sizeBytes();
                index.find(change.key(), interested -> find(change, interested));
            }
        }
        dispatched = Math.max(dispatched, open);
        showFound();
        if (mail.lostUpTo > dispatched) {
            skip(mail.lostUpTo);
        }
        awaitingProgress.removeIf(this::tellProgress);
    }

    private void find(KeyChange change, List<Watcher> interested) {
        for (Watcher watcher : interested) {
            if (change.revision() >= watcher.next && watcher.filter.passes(change) && watcher.add(change)) {
                touched.add(watcher);
            }
        }
    }

    private void showFound() {
        for (Watcher watcher : touched) {
            List<KeyChange> found = watcher.takeFound();
            if (watcher.phase != Watcher.Phase.LIVE) {
                continue; // its group ended since
            }
            if (watcher.group.sink.isReady()) {
                show(watcher, found);
                watcher.next = dispatched + 1;
            } else {
                becomeLate(watcher, found.get(0).revision());
            }
        }
        touched.clear();
    }

    /** What leads to this revision is to be read from the table. */
    private void skip(long revision) {
        for (WatchGroup group : groups) {
            for (Watcher watcher : group.watchers) {
                if (watcher.phase == Watcher.Phase.LIVE) {
                    becomeLate(watcher, dispatched + 1);
                }
            }
        }
        dispatched = revision;
        recent.clear(revision + 1);
        List.copyOf(groups).forEach(this::serve);
    }

    private void becomeLate(Watcher watcher, long next) {
        index.remove(watcher);
        watcher.phase = Watcher.Phase.LATE;
        watcher.next = Math.max(watcher.next, next);
        watcher.group.lateCount++;
        watcher.group.waiting.add(watcher);
    }

    /** Lets those catch up that wait for the sink. */
    private void serve(WatchGroup group) {
        for (int count = group.waiting.size(); count > 0 && group.sink.isReady(); count--) {
            Watcher watcher = group.waiting.poll();
            if (watcher != null && watcher.phase == Watcher.Phase.LATE) {
                catchUp(watcher);
            }
        }
    }

    /** Shows a late watcher what it lacks, as long as its sink takes it; it is live, waits, or is being read for afterwards. */
    private void catchUp(Watcher watcher) {
        while (watcher.next <= dispatched && watcher.phase == Watcher.Phase.LATE) {
            if (!watcher.group.sink.isReady()) {
                watcher.group.waiting.add(watcher);
                return;
            }
            if (watcher.next < recent.first()) {
                reader.accept(new ReadRequest(watcher));
                return;
            }
            showRecent(watcher);
        }
        if (watcher.phase == Watcher.Phase.LATE) {
            watcher.phase = Watcher.Phase.LIVE;
            watcher.group.lateCount--;
            index.add(watcher);
        }
    }

    private void showRecent(Watcher watcher) {
        List<KeyChange> found = new ArrayList<>();
        long bytes = 0;
        long upTo = dispatched;
        for (long place = recent.seek(watcher.next); place < recent.end(); place++) {
            KeyChange change = recent.get(place);
            if (change.revision() > dispatched) {
                break; // it is being dispatched
            }
            boolean isFull = bytes >= limits.responseBytes();
            if (isFull && change.revision() > found.get(found.size() - 1).revision()) {
                upTo = change.revision() - 1;
                break;
            }
            if (watcher.range.contains(change.key()) && watcher.filter.passes(change)) {
                found.add(change);
                bytes += change.sizeBytes();
            }
        }
        if (!found.isEmpty()) {
            show(watcher, found);
        }
        watcher.next = upTo + 1;
    }

    private void show(Watcher watcher, List<KeyChange> found) {
        if (watcher.filter.previous()) {
            found.forEach(change -> recent.readPrevious(change, store));
        }
        tell(watcher.group, () -> watcher.group.sink.changes(watcher, found, dispatched));
    }

    /**
     * The table was read.
     *
     * @param outcome null if it was not, because no sink was ready
     */
    void read(List<ReadRequest> requests, ChangeScan.@Nullable Outcome outcome) {
        for (ReadRequest request : requests) {
            Watcher watcher = request.watcher;
            List<KeyChange> found = request.takeFound();
            if (watcher.phase != Watcher.Phase.LATE) {
                continue;
            }
            if (outcome != null && watcher.next < outcome.compacted()) {
                compacted(watcher, outcome.compacted());
                continue;
            }
            boolean isTaken = request.isRead && (found.isEmpty() || watcher.group.sink.isReady());
            if (outcome != null && isTaken) {
                watcher.next = Math.max(watcher.next, outcome.upTo() + 1);
                if (!found.isEmpty()) {
                    tell(watcher.group, () -> watcher.group.sink.changes(watcher, found, outcome.revision()));
                }
            }
            catchUp(watcher);
        }
    }

    private void compacted(Watcher watcher, long compactRevision) {
        end(watcher);
        tell(watcher.group, () -> watcher.group.sink.compacted(watcher, compactRevision));
    }

    void requestProgress(WatchGroup group) {
        long target = store.state().revision();
        for (Watcher watcher : group.watchers) {
            target = Math.max(target, watcher.next - 1);
        }
        group.progressTarget = target;
        if (!tellProgress(group)) {
            awaitingProgress.add(group);
        }
    }

    private boolean tellProgress(WatchGroup group) {
        if (dispatched < group.progressTarget || group.lateCount > 0) {
            return false;
        }
        group.progressTarget = WatchGroup.NO_PROGRESS;
        tell(group, () -> group.sink.progress(dispatched));
        return true;
    }

    /** How many watchers there are. Any thread. */
    int watchers() {
        return watcherCount.get();
    }

    /** A sink that fails takes its own watchers with it, and nobody else's. */
    private void tell(WatchGroup group, Runnable what) {
        try {
            what.run();
        } catch (RuntimeException e) {
            LOG.error("the watchers of {} end, because it failed", group.sink, e);
            mailbox.offer(() -> close(group));
        }
    }
}
