package dev.quorate.kv.mvcc;

/** Reads protobuf's variable-length numbers from a stretch of bytes. */
final class ByteReader {

    private static final int MAX_VARINT_BYTES = 10;

    private final byte[] bytes;
    private final int end;
    private int position;

    ByteReader(byte[] bytes, int position, int end) {
        this.bytes = bytes;
        this.position = position;
        this.end = end;
    }

    boolean hasMore() {
        return position < end;
    }

    int position() {
        return position;
    }

    /** @throws StorageException if the bytes end early or are no number */
    long varint() {
        long value = 0;
        for (int i = 0; i < MAX_VARINT_BYTES && position < end; i++) {
            byte b = bytes[position++];
            value |= (long) (b & 0x7f) << (7 * i);
            if (b >= 0) {
                return value;
            }
        }
        throw new StorageException("a number is cut short at byte " + position + " of " + end);
    }

    int varint32() {
        return (int) varint();
    }

    /** Steps over {@code count} bytes and answers where they began. */
    int skip(int count) {
        if (count < 0 || count > end - position) {
            throw new StorageException(
                    "a field of " + count + " bytes is cut short at byte " + position + " of " + end);
        }
        int start = position;
        position += count;
        return start;
    }
}
