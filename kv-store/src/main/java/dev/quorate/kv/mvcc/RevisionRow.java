package dev.quorate.kv.mvcc;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The value of a row of the table {@code revisions}. Its key is the revision.
 *
 * <pre>
 *   | flags | way to the version before | way of the jump | mvccpb.KeyValue … |
 *     1 byte  0, or main distance + 1, sub, as variable-length numbers
 * </pre>
 *
 * @param previous the version before this one, null if this is the first
 * @param jump where this version jumps to, null if that is {@code previous} or before the first
 * @param pairOffset where the mvccpb.KeyValue begins in the row
 */
record RevisionRow(
        boolean isTombstone,
        @Nullable Revision previous,
        @Nullable Revision jump,
        int pairOffset) {

    /** The most bytes before the pair. */
    static final int MAX_HEADER_BYTES = 1 + 4 * 10;

    private static final int TOMBSTONE = 1;

    static void encodeHeader(
            ByteWriter out, long main, boolean isTombstone, @Nullable Revision previous, @Nullable Revision jump) {
        out.write(isTombstone ? TOMBSTONE : 0);
        encodeWay(out, main, previous);
        encodeWay(out, main, jump == null || jump.equals(previous) ? null : jump);
    }

    static RevisionRow decodeHeader(byte[] row, int length, long main) {
        ByteReader in = new ByteReader(row, 0, length);
        int flags = in.varint32();
        if ((flags & ~TOMBSTONE) != 0) {
            throw new StorageException("the row of revision " + main + " has unknown flags " + flags
                    + ": a newer version wrote it, or it is corrupt");
        }
        Revision previous = decodeWay(in, main);
        Revision jump = decodeWay(in, main);
        return new RevisionRow(flags == TOMBSTONE, previous, jump, in.position());
    }

    byte[] pair(byte[] row, int length) {
        return Arrays.copyOfRange(row, pairOffset, length);
    }

    private static void encodeWay(ByteWriter out, long main, @Nullable Revision to) {
        if (to == null) {
            out.varint(0);
        } else {
            out.varint(main - to.main() + 1).varint(to.sub());
        }
    }

    private static @Nullable Revision decodeWay(ByteReader in, long main) {
        long distance = in.varint();
        return distance == 0 ? null : new Revision(main - distance + 1, in.varint32());
    }
}
