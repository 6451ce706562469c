package dev.quorate.kv.mvcc;

import java.nio.ByteBuffer;

/**
 * Where the store stands.
 *
 * @param revision counts the requests that wrote; 1 for a new store
 * @param compacted reads below this revision are refused; -1 if nothing was ever compacted
 * @param appliedIndex the raft log index of the last entry whose effect is in the store, 0 for a new one
 */
public record State(long revision, long compacted, long appliedIndex) {

    static final State NEW = new State(1, -1, 0);

    static final int BYTES = 3 * Long.BYTES;

    byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .putLong(revision)
                .putLong(compacted)
                .putLong(appliedIndex)
                .array();
    }

    static State decode(byte[] row, int length) {
        if (length != BYTES) {
            throw new StorageException("the store's state has " + length + " bytes instead of " + BYTES);
        }
        ByteBuffer in = ByteBuffer.wrap(row, 0, length);
        return new State(in.getLong(), in.getLong(), in.getLong());
    }
}
