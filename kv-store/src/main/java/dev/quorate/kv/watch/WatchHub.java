package dev.quorate.kv.watch;

import com.google.protobuf.ByteString;
import dev.quorate.kv.mvcc.ChangeFeed;
import dev.quorate.kv.mvcc.ChangeScan;
import dev.quorate.kv.mvcc.KeyRange;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.StoreClosedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whoever wants to know what is written to a store. See the package for how.
 *
 * <p>Until somebody wants to know, the writer's thread does nothing for it.
 */
public final class WatchHub implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WatchHub.class);

    private static final long IDLE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final MvccStore store;
    private final WatchLimits limits;
    private final Mailbox mailbox;
    private final TableReader tableReader;
    private final Thread thread = new Thread(this::work, "kv-watch");
    private volatile @Nullable Dispatcher dispatcher; // used on the watch thread only, but for a look at a number
    // The rest is used on the watch thread only.
    private final List<Periodic> periodic = new ArrayList<>();

    private WatchHub(MvccStore store, WatchLimits limits) {
        this.store = store;
        this.limits = limits;
        this.mailbox = new Mailbox(limits);
        this.tableReader = new TableReader(store, limits, new TableReader.Answers() {
            @Override
            public boolean read(List<ReadRequest> requests, ChangeScan.@Nullable Outcome outcome, Runnable done) {
                return mailbox.offer(() -> {
                    dispatcher().read(requests, outcome);
                    done.run();
                });
            }

            @Override
            public void failed(RuntimeException failure) {
                mailbox.offer(() -> {
                    throw failure;
                });
            }
        });
        thread.setDaemon(true);
    }

    /** Follows a store; nobody else may. To be closed after the store's writer has stopped. */
    public static WatchHub start(MvccStore store, WatchLimits limits) {
        WatchHub hub = new WatchHub(store, limits);
        store.follow(hub.mailbox);
        hub.tableReader.start();
        hub.thread.start();
        return hub;
    }

    /**
     * Runs something on the watch thread, where nothing may wait. From any thread.
     *
     * @return false if it will not run, because watches have ended here
     */
    public boolean execute(Runnable task) {
        return mailbox.offer(task);
    }

    /** Runs something on the watch thread again and again. From any thread. */
    public void every(Duration period, Runnable task) {
        mailbox.offer(() -> periodic.add(new Periodic(period.toNanos(), task)));
    }

    /** How many watchers there are. From any thread. */
    public int watchers() {
        Dispatcher made = dispatcher;
        return made == null ? 0 : made.watchers();
    }

    /** Watchers that share a sink. On the watch thread. */
    public WatchGroup open(WatchSink sink) {
        return dispatcher().open(sink);
    }

    /**
     * Watches keys from within the server. From any thread.
     *
     * @param startRevision the first revision to be shown; 0 for what is written after this call has reached the watch thread
     */
    public Subscription subscribe(KeyRange range, EventFilter filter, long startRevision, ChangeListener listener) {
        Subscription subscription = new Subscription(this, listener);
        subscription.begin(range, filter, startRevision);
        return subscription;
    }

    /**
     * Waits until a key is deleted. From any thread.
     *
     * @param fromRevision the first revision whose deletion counts: one more than that at which the key was seen
     * @return the revision of the deletion, completed on the watch thread, where nothing may wait; or exceptionally with a
     *     {@link WatchEndedException}. To cancel it ends the watch
     */
    public CompletableFuture<Long> whenDeleted(ByteString key, long fromRevision) {
        return DeletionWait.begin(this, key, fromRevision);
    }

    private Dispatcher dispatcher() {
        Dispatcher made = dispatcher;
        if (made == null) {
            made = new Dispatcher(store, limits, mailbox, tableReader::request);
            dispatcher = made;
        }
        return made;
    }

    private void work() {
        Throwable failure = null;
        try {
            while (!mailbox.isClosed()) {
                Mailbox.Mail mail = mailbox.take(nanosUntilPeriodic());
                mail.tasks.forEach(Runnable::run);
                if (dispatcher != null) {
                    dispatcher.dispatch(mail);
                }
                runPeriodic();
            }
        } catch (InterruptedException | StoreClosedException e) {
            Thread.currentThread().interrupt(); // the server stops, or the store went away below it
        } catch (RuntimeException e) {
            LOG.error("watches end on this member, because they cannot go on", e);
            failure = e;
        } finally {
            mailbox.close();
            runWhatWasAccepted();
            if (dispatcher != null) {
                dispatcher.endAll(failure);
            }
        }
    }

    /** Whoever was told that his task runs waits for what comes of it: that watches have ended, now. */
    private void runWhatWasAccepted() {
        for (Runnable task : mailbox.takeLeft().tasks) {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.debug("a task failed, because watches have ended", e);
            }
        }
    }

    private long nanosUntilPeriodic() {
        long now = System.nanoTime();
        long left = IDLE_NANOS;
        for (Periodic each : periodic) {
            left = Math.min(left, each.dueNanos - now);
        }
        return left;
    }

    private void runPeriodic() {
        long now = System.nanoTime();
        for (Periodic each : periodic) {
            if (each.dueNanos - now <= 0) {
                each.dueNanos = now + each.periodNanos;
                each.task.run();
            }
        }
    }

    private static final class Periodic {
        private final long periodNanos;
        private final Runnable task;
        private long dueNanos;

        Periodic(long periodNanos, Runnable task) {
            this.periodNanos = periodNanos;
            this.task = task;
            this.dueNanos = System.nanoTime() + periodNanos;
        }
    }

    /** Ends all watches, and waits until nothing reads the store for them. */
    @Override
    public void close() {
        store.follow(ChangeFeed.NONE);
        mailbox.close();
        tableReader.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
