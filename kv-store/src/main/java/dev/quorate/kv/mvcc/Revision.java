package dev.quorate.kv.mvcc;

import java.nio.ByteBuffer;

/**
 * The name of one version: the main part counts write requests, the sub part the keys written by one of them, from 0.
 *
 * @param main the store's revision from this write on, as clients see it
 * @param sub the place among the keys of the same request
 */
record Revision(long main, int sub) {

    /** The size of {@link #toKey} in bytes. */
    static final int KEY_BYTES = Long.BYTES + Integer.BYTES;

    /** The row of the revisions table; big-endian, so that rows stand in the order of the writes. */
    byte[] toKey() {
        return ByteBuffer.allocate(KEY_BYTES).putLong(main).putInt(sub).array();
    }

    static Revision ofKey(byte[] key) {
        ByteBuffer bytes = ByteBuffer.wrap(key);
        return new Revision(bytes.getLong(), bytes.getInt());
    }
}
