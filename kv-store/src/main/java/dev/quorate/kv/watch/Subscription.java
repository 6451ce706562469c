package dev.quorate.kv.watch;

import dev.quorate.kv.mvcc.KeyChange;
import dev.quorate.kv.mvcc.KeyRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A watch from within the server. */
public final class Subscription implements AutoCloseable {

    private final WatchHub hub;
    private final ChangeListener listener;
    // The rest is used on the watch thread only.
    private @Nullable WatchGroup group;
    private boolean isClosed;

    Subscription(WatchHub hub, ChangeListener listener) {
        this.hub = hub;
        this.listener = listener;
    }

    void begin(KeyRange range, EventFilter filter, long startRevision) {
        boolean isAccepted = hub.execute(() -> {
            if (isClosed) {
                return;
            }
            WatchGroup opened = hub.open(new Sink());
            group = opened;
            Watcher watcher = opened.add(0, range, filter, startRevision);
            if (watcher == null) {
                end("there are as many watches on this member as there may be", 0);
            } else {
                opened.begin(watcher);
            }
        });
        if (!isAccepted) {
            listener.ended(new WatchEndedException("watches have ended on this member: it stops", 0));
        }
    }

    /** Nothing is heard after this has reached the watch thread. From any thread. */
    @Override
    public void close() {
        hub.execute(this::closeNow);
    }

    private void closeNow() {
        isClosed = true;
        WatchGroup opened = group;
        if (opened != null) {
            opened.close();
        }
    }

    private void end(String why, long compactRevision) {
        if (!isClosed) {
            closeNow();
            listener.ended(new WatchEndedException(why, compactRevision));
        }
    }

    private final class Sink implements WatchSink {

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void changes(Watcher watcher, List<KeyChange> changes, long revision) {
            listener.changed(changes);
        }

        @Override
        public void compacted(Watcher watcher, long compactRevision) {
            end("the watch needs a revision before the compacted one, " + compactRevision, compactRevision);
        }

        @Override
        public void progress(long revision) {}

        @Override
        public void ended(@Nullable Throwable failure) {
            end("watches have ended on this member: " + (failure == null ? "it stops" : failure.getMessage()), 0);
        }

        @Override
        public String toString() {
            return "a subscription of " + listener;
        }
    }
}
