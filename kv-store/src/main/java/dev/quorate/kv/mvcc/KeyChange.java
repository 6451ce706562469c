package dev.quorate.kv.mvcc;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one write did to one key: an event, in the words of a watch. Its arrays are never written to.
 *
 * <p>It is handed from thread to thread and used by one of them at a time.
 */
public final class KeyChange {

    /** What the object and its parts take beside the pairs, about. */
    private static final int OVERHEAD_BYTES = 96;

    private final byte[] key;
    private final Revision place;
    private final boolean isDelete;
    private final byte[] source;
    private final int pairOffset;
    private final int pairLength;
    private final @Nullable Revision previousPlace;
    private byte @Nullable [] previousPair;
    private boolean isPreviousRead;

    private KeyChange(
            byte[] key,
            Revision place,
            boolean isDelete,
            byte[] source,
            int pairOffset,
            int pairLength,
            @Nullable Revision previousPlace,
            byte @Nullable [] previousPair) {
        this.key = key;
        this.place = place;
        this.isDelete = isDelete;
        this.source = source;
        this.pairOffset = pairOffset;
        this.pairLength = pairLength;
        this.previousPlace = previousPlace;
        this.previousPair = previousPair;
        this.isPreviousRead = previousPlace == null || previousPair != null;
    }

    /** A write as the writer did it. */
    static KeyChange written(@Nullable Version previous, Version next, byte[] pair) {
        Version before = previous == null || previous.isTombstone() ? null : previous;
        return new KeyChange(
                next.key(),
                next.revision(),
                next.isTombstone(),
                pair,
                0,
                pair.length,
                before == null ? null : before.revision(),
                before == null ? null : before.pair());
    }

    /** A row of the revisions table; the pair is not copied out of it. */
    static KeyChange ofRow(Revision place, byte[] row) {
        RevisionRow header = RevisionRow.decodeHeader(row, row.length, place.main());
        byte[] key = KeyValueCodec.key(row, header.pairOffset());
        return new KeyChange(
                key,
                place,
                header.isTombstone(),
                row,
                header.pairOffset(),
                row.length - header.pairOffset(),
                header.previous(),
                null);
    }

    /** Not a copy. */
    public byte[] key() {
        return key;
    }

    /** The store's revision from this write on; other keys that the same request wrote share it. */
    public long revision() {
        return place.main();
    }

    public boolean isDelete() {
        return isDelete;
    }

    /** Where the pair stands in {@link #pairSource}. */
    public int pairOffset() {
        return pairOffset;
    }

    public int pairLength() {
        return pairLength;
    }

    /** Has the mvccpb.KeyValue that was written; of a deletion, one with the key and the revision only. */
    public byte[] pairSource() {
        return source;
    }

    /** A copy of the mvccpb.KeyValue. */
    public byte[] pair() {
        return Arrays.copyOfRange(source, pairOffset, pairOffset + pairLength);
    }

    /**
     * The mvccpb.KeyValue before this write. Null if there was none, if it is compacted away, or if nobody has read it ({@link
     * MvccStore#readPrevious}).
     */
    public byte @Nullable [] previousPair() {
        return previousPair;
    }

    /** What this keeps from being collected, about. */
    public long sizeBytes() {
        byte[] before = previousPair;
        return (long) OVERHEAD_BYTES + key.length + source.length + (before == null ? 0 : before.length);
    }

    /** Looks for the pair before, if that was not done yet. */
    void readPrevious(TableView tables) {
        if (isPreviousRead) {
            return;
        }
        isPreviousRead = true;
        // As etcd: the pair before is asked for at the revision before. What stands before the compacted revision may
        // be
        // there still, on some members, and is shown on none.
        if (previousPlace != null && place.main() > tables.state().compacted()) {
            Version before = tables.load(previousPlace);
            previousPair = before == null || before.isTombstone() ? null : before.pair();
        }
    }

    @Override
    public String toString() {
        return (isDelete ? "delete" : "put") + "@" + place.main() + "." + place.sub();
    }
}
