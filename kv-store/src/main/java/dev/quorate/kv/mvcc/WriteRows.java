package dev.quorate.kv.mvcc;

/**
 * One atomic write, in the form that RocksDB itself keeps it in: eight bytes for a sequence number, four for the number of
 * rows, then the rows. Built here, it crosses into native code once instead of once for each row.
 *
 * <pre>
 *   put into the default table:   | 1 |         length key | length value |
 *   put into another table:       | 5 | table | length key | length value |
 *   delete from another table:    | 4 | table | length key |
 * </pre>
 */
final class WriteRows {

    private static final int HEADER_BYTES = 12;
    private static final int COUNT_OFFSET = 8;
    private static final int PUT = 5;
    private static final int DELETE = 4;
    private static final int INITIAL_BYTES = 64 << 10;
    /** A batch that grew beyond this gives its memory back afterwards. */
    private static final int KEPT_BYTES = 4 << 20;

    private ByteWriter out = new ByteWriter(INITIAL_BYTES);
    private int count;

    WriteRows() {
        out.setSize(HEADER_BYTES);
    }

    int sizeBytes() {
        return out.size();
    }

    boolean isEmpty() {
        return count == 0;
    }

    void put(int table, byte[] key, ByteWriter value) {
        put(table, key, value.array(), value.size(), EMPTY);
    }

    void put(int table, byte[] key, byte[] value) {
        put(table, key, value, value.length, EMPTY);
    }

    /** The value is the first part followed by the second. */
    void put(int table, byte[] key, byte[] first, int firstLength, byte[] second) {
        out.write(PUT).varint(table).varint(key.length).write(key);
        out.varint(firstLength + second.length).write(first, 0, firstLength).write(second);
        count++;
    }

    void delete(int table, byte[] key) {
        out.write(DELETE).varint(table).varint(key.length).write(key);
        count++;
    }

    byte[] toByteArray() {
        byte[] bytes = out.toByteArray();
        for (int i = 0; i < Integer.BYTES; i++) {
            bytes[COUNT_OFFSET + i] = (byte) (count >>> (8 * i));
        }
        return bytes;
    }

    void clear() {
        if (out.size() > KEPT_BYTES) {
            out = new ByteWriter(INITIAL_BYTES);
        }
        out.setSize(0);
        out.setSize(HEADER_BYTES);
        count = 0;
    }

    private static final byte[] EMPTY = new byte[0];
}
