package dev.quorate.raft.log.rocksdb;

import java.nio.ByteBuffer;

/** How places become keys. The package's page draws them. */
final class Keys {

    static final int CHUNK_KEY_BYTES = Long.BYTES + Integer.BYTES + Long.BYTES;

    /** Above every index: the open end of a range. */
    static final long END = Long.MAX_VALUE;

    static final byte HARD_STATE = 1;
    static final byte BASE = 2;
    static final byte INCARNATION = 3;
    static final byte TERM_RUN = 4;
    static final byte MEMBERSHIP = 5;
    static final byte DAMAGED = 6;

    private static final int GROUP_OFFSET = 0;
    private static final int GENERATION_OFFSET = Long.BYTES;
    private static final int CHUNK_INDEX_OFFSET = GENERATION_OFFSET + Integer.BYTES;
    private static final int KIND_OFFSET = Long.BYTES;
    private static final int FACT_INDEX_OFFSET = KIND_OFFSET + 1;

    private Keys() {}

    static byte[] chunk(long groupId, int generation, long firstIndex) {
        return ByteBuffer.allocate(CHUNK_KEY_BYTES)
                .putLong(groupId)
                .putInt(generation)
                .putLong(firstIndex)
                .array();
    }

    static boolean isChunkOf(byte[] key, long groupId, int generation) {
        return key.length == CHUNK_KEY_BYTES
                && ByteBuffer.wrap(key).getLong(GROUP_OFFSET) == groupId
                && ByteBuffer.wrap(key).getInt(GENERATION_OFFSET) == generation;
    }

    static long firstIndex(byte[] chunkKey) {
        return ByteBuffer.wrap(chunkKey).getLong(CHUNK_INDEX_OFFSET);
    }

    /** The key of a fact that a group has once. Also where the group's facts start, for the smallest kind. */
    static byte[] fact(long groupId, byte kind) {
        return ByteBuffer.allocate(FACT_INDEX_OFFSET).putLong(groupId).put(kind).array();
    }

    /** The key of a fact about one index. */
    static byte[] fact(long groupId, byte kind, long index) {
        return ByteBuffer.allocate(FACT_INDEX_OFFSET + Long.BYTES)
                .putLong(groupId)
                .put(kind)
                .putLong(index)
                .array();
    }

    static boolean isFactOf(byte[] key, long groupId) {
        return key.length >= FACT_INDEX_OFFSET && ByteBuffer.wrap(key).getLong(GROUP_OFFSET) == groupId;
    }

    static byte kind(byte[] factKey) {
        return factKey[KIND_OFFSET];
    }

    static long factIndex(byte[] factKey) {
        return ByteBuffer.wrap(factKey).getLong(FACT_INDEX_OFFSET);
    }
}
