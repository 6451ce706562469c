package dev.quorate.raft;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One atomic, ordered, durable write. A driver writes Persists in the order it got them, may put any number of them into
 * one write with one sync, and then sends {@code unlocks} and calls {@link Raft#persisted} with {@code mark}.
 *
 * <p>The parts are applied in this order: {@code resetTo}, {@code entries}, {@code compactThrough}, {@code hardState}.
 *
 * @param hardState the new term and vote, null if unchanged
 * @param entries contiguous; they replace the stored log from the first one's index on, whatever stood there
 * @param resetTo drop the whole log, which then starts after this snapshot; null for no such change
 * @param compactThrough entries up to and including this one may be dropped, the log then starts after it; null for none
 * @param repaired true if what was lost of the log is here again, durably: {@link dev.quorate.raft.model.Recovered#damaged} is over
 * @param mark what to hand back
 * @param unlocks messages that may leave only when this write is durable; a Persist may consist of nothing else, and then
 *     waits only for the writes before it
 */
public record Persist(
        @Nullable HardState hardState,
        List<Entry> entries,
        @Nullable SnapshotMeta resetTo,
        @Nullable SnapshotMeta compactThrough,
        boolean repaired,
        WriteMark mark,
        List<Message> unlocks) {

    /** With a log that needed no repair. */
    public Persist(
            @Nullable HardState hardState,
            List<Entry> entries,
            @Nullable SnapshotMeta resetTo,
            @Nullable SnapshotMeta compactThrough,
            WriteMark mark,
            List<Message> unlocks) {
        this(hardState, entries, resetTo, compactThrough, false, mark, unlocks);
    }

    /** Copies the lists. */
    public Persist {
        entries = List.copyOf(entries);
        unlocks = List.copyOf(unlocks);
    }

    /** True if nothing has to reach the disk: only the order after earlier writes matters. */
    public boolean writesNothing() {
        return hardState == null && entries.isEmpty() && resetTo == null && compactThrough == null && !repaired;
    }
}
