package dev.quorate.kv.server;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides when the leader gives up history, with etcd's rhythm (server/etcdserver/api/v3compactor). Everybody else only
 * forgets what it has seen: who becomes the leader begins anew, and keeps more history rather than less.
 *
 * <p>It has no clock: {@link #tick} is called once each {@link #interval}. One thread at a time.
 */
abstract class AutoCompactor {

    private final Duration interval;

    private AutoCompactor(Duration interval) {
        this.interval = interval;
    }

    /**
     * @param compact proposes a compaction at a revision
     * @return null if nothing is to be compacted by itself
     */
    static @Nullable AutoCompactor of(AutoCompaction settings, LongConsumer compact) {
        if (settings instanceof AutoCompaction.Periodic periodic) {
            return new Periodic(periodic.retention(), compact);
        }
        if (settings instanceof AutoCompaction.Revisions revisions) {
            return new Revisions(revisions.retention(), compact);
        }
        return null;
    }

    final Duration interval() {
        return interval;
    }

    /** @param revision the store's newest one */
    abstract void tick(boolean isLeader, long revision);

    /**
     * Notes the revision ten times per compaction, and compacts at the one that was noted a retention ago: each hour, or each
     * retention if that is shorter.
     */
    private static final class Periodic extends AutoCompactor {

        private static final int NOTES_PER_COMPACTION = 10;
        private static final Duration LONGEST_BETWEEN = Duration.ofHours(1);

        private final LongConsumer compact;
        private final long notesKept;
        private final Deque<Long> notes = new ArrayDeque<>();
        private int ticksUntilNext = NOTES_PER_COMPACTION;

        Periodic(Duration retention, LongConsumer compact) {
            super(noteInterval(retention));
            this.compact = compact;
            this.notesKept = Math.max(1, retention.toMillis() / interval().toMillis());
        }

        private static Duration noteInterval(Duration retention) {
            Duration between = retention.compareTo(LONGEST_BETWEEN) < 0 ? retention : LONGEST_BETWEEN;
            return Duration.ofMillis(Math.max(1, between.toMillis() / NOTES_PER_COMPACTION));
        }

        @Override
        void tick(boolean isLeader, long revision) {
            if (!isLeader) {
                notes.clear();
                ticksUntilNext = NOTES_PER_COMPACTION;
                return;
            }
            notes.addLast(revision);
            ticksUntilNext--;
            if (notes.size() <= notesKept) {
                return;
            }
            long then = notes.removeFirst();
            if (ticksUntilNext <= 0) {
                compact.accept(then);
                ticksUntilNext = NOTES_PER_COMPACTION;
            }
        }
    }

    /** Looks every five minutes, and keeps the newest revisions. */
    private static final class Revisions extends AutoCompactor {

        private static final Duration INTERVAL = Duration.ofMinutes(5);

        private final LongConsumer compact;
        private final long retention;

        Revisions(long retention, LongConsumer compact) {
            super(INTERVAL);
            this.compact = compact;
            this.retention = retention;
        }

        @Override
        void tick(boolean isLeader, long revision) {
            if (isLeader && revision > retention) {
                compact.accept(revision - retention);
            }
        }
    }
}
