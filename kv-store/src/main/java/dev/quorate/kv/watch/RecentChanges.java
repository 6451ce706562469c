package dev.quorate.kv.watch;

import dev.quorate.kv.mvcc.KeyChange;
import dev.quorate.kv.mvcc.MvccStore;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The newest changes, whole revisions, in memory: watchers that are a little late need no look at the table. */
final class RecentChanges {

    private final @Nullable KeyChange[] ring;
    private final long maxBytes;
    private long head; // counts all changes that ever came; the oldest one here
    private long tail; // the next one
    private long bytes;
    private long first; // every revision from this one on is here

    RecentChanges(WatchLimits limits, long nextRevision) {
        ring = new KeyChange[limits.recentChanges()];
        maxBytes = limits.recentBytes();
        first = nextRevision;
    }

    /** The oldest revision from which on everything is here. */
    long first() {
        return first;
    }

    /** Nothing before this revision is here. */
    void clear(long nextRevision) {
        while (head < tail) {
            drop();
        }
        first = nextRevision;
    }

    /** Changes come in the order of their revisions. */
    void add(KeyChange change) {
        while (tail > head && (tail - head == ring.length || bytes > maxBytes)) {
            dropRevision();
        }
        if (change.revision() < first) { // the beginning of its revision did not stay
            return;
        }
        ring[(int) (tail++ & (ring.length - 1))] = change;
        bytes += change.sizeBytes();
    }

    /** Makes the pair before known; it counts for the limit if the change is here. */
    void readPrevious(KeyChange change, MvccStore store) {
        long before = change.sizeBytes();
        store.readPrevious(change);
        boolean isHere = tail > head && change.revision() >= first;
        bytes += isHere ? change.sizeBytes() - before : 0;
    }

    private void dropRevision() {
        long revision = get(head).revision();
        while (head < tail && get(head).revision() == revision) {
            drop();
        }
        first = revision + 1;
    }

    private void drop() {
        int slot = (int) (head++ & (ring.length - 1));
        bytes -= Objects.requireNonNull(ring[slot], "a change").sizeBytes();
        ring[slot] = null;
    }

    long end() {
        return tail;
    }

    /** The place of the first change at or after a revision; {@link #end} if there is none. */
    long seek(long revision) {
        long low = head;
        long high = tail;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (get(middle).revision() < revision) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    KeyChange get(long place) {
        return Objects.requireNonNull(ring[(int) (place & (ring.length - 1))], "a change");
    }
}
