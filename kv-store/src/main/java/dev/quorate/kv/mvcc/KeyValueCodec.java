package dev.quorate.kv.mvcc;

import java.util.Arrays;

/**
 * Writes and reads {@code mvccpb.KeyValue} messages as bytes. The store keeps pairs in the form in which clients get them, so
 * that a read copies bytes and builds no objects.
 */
final class KeyValueCodec {

    private static final int KEY_TAG = 1 << 3 | 2;
    private static final int CREATE_REVISION_TAG = 2 << 3;
    private static final int MOD_REVISION_TAG = 3 << 3;
    private static final int VERSION_TAG = 4 << 3;
    private static final int VALUE_TAG = 5 << 3 | 2;
    private static final int LEASE_TAG = 6 << 3;

    private KeyValueCodec() {}

    /** A message with its fields in the order of their numbers; what is zero or empty is left out, as protobuf does. */
    static byte[] encode(
            byte[] key,
            long create,
            long mod,
            long version,
            long lease,
            byte[] valueIn,
            int valueOffset,
            int valueLength) {
        int size = 1 + ByteWriter.varintSize(key.length) + key.length;
        size += numberSize(create) + numberSize(mod) + numberSize(version) + numberSize(lease);
        if (valueLength > 0) {
            size += 1 + ByteWriter.varintSize(valueLength) + valueLength;
        }
        byte[] bytes = new byte[size];
        bytes[0] = KEY_TAG;
        int p = varint(bytes, 1, key.length);
        System.arraycopy(key, 0, bytes, p, key.length);
        p += key.length;
        p = number(bytes, p, CREATE_REVISION_TAG, create);
        p = number(bytes, p, MOD_REVISION_TAG, mod);
        p = number(bytes, p, VERSION_TAG, version);
        if (valueLength > 0) {
            bytes[p++] = VALUE_TAG;
            p = varint(bytes, p, valueLength);
            System.arraycopy(valueIn, valueOffset, bytes, p, valueLength);
            p += valueLength;
        }
        number(bytes, p, LEASE_TAG, lease);
        return bytes;
    }

    /** Reads a message that {@link #encode} wrote. */
    static Version decode(byte[] bytes, int sub) {
        ByteReader in = new ByteReader(bytes, 0, bytes.length);
        int keyStart = 0;
        int keyLength = 0;
        long create = 0;
        long mod = 0;
        long version = 0;
        long lease = 0;
        while (in.hasMore()) {
            int tag = in.varint32();
            switch (tag) {
                case KEY_TAG -> {
                    keyLength = in.varint32();
                    keyStart = in.skip(keyLength);
                }
                case CREATE_REVISION_TAG -> create = in.varint();
                case MOD_REVISION_TAG -> mod = in.varint();
                case VERSION_TAG -> version = in.varint();
                case VALUE_TAG -> in.skip(in.varint32());
                case LEASE_TAG -> lease = in.varint();
                default -> throw new StorageException("a stored pair has an unknown field with tag " + tag);
            }
        }
        byte[] key = Arrays.copyOfRange(bytes, keyStart, keyStart + keyLength);
        return new Version(key, mod, sub, create, version, lease, null, bytes);
    }

    /** The key of a message that {@link #encode} wrote and that begins at this place. */
    static byte[] key(byte[] bytes, int offset) {
        ByteReader in = new ByteReader(bytes, offset, bytes.length);
        if (in.varint32() != KEY_TAG) {
            throw new StorageException("a stored pair does not begin with its key");
        }
        int length = in.varint32();
        int start = in.skip(length);
        return Arrays.copyOfRange(bytes, start, start + length);
    }

    /** Where the value stands in a message that {@link #encode} wrote; its position is where it begins. */
    static ValueSlice value(byte[] bytes) {
        ByteReader in = new ByteReader(bytes, 0, bytes.length);
        while (in.hasMore()) {
            switch (in.varint32()) {
                case KEY_TAG -> in.skip(in.varint32());
                case VALUE_TAG -> {
                    int length = in.varint32();
                    return new ValueSlice(in.skip(length), length);
                }
                default -> in.varint();
            }
        }
        return new ValueSlice(0, 0);
    }

    record ValueSlice(int offset, int length) {}

    private static int numberSize(long value) {
        return value == 0 ? 0 : 1 + ByteWriter.varintSize(value);
    }

    private static int number(byte[] out, int position, int tag, long value) {
        if (value == 0) {
            return position;
        }
        out[position] = (byte) tag;
        return varint(out, position + 1, value);
    }

    private static int varint(byte[] out, int position, long value) {
        int p = position;
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out[p++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        out[p++] = (byte) rest;
        return p;
    }
}
