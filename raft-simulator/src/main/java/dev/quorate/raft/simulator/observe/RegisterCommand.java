package dev.quorate.raft.simulator.observe;

import java.nio.ByteBuffer;

/**
 * "Put this value into that register." No two commands of a run carry the same value, so a value names its command.
 *
 * @param key which register, from 0
 */
public record RegisterCommand(int key, long value) {

    private static final int SIZE_BYTES = Integer.BYTES + Long.BYTES;

    /** @param paddingBytes bytes without meaning behind the command, so that commands differ in size */
    public byte[] encode(int paddingBytes) {
        return ByteBuffer.allocate(SIZE_BYTES + paddingBytes)
                .putInt(key)
                .putLong(value)
                .array();
    }

    public static RegisterCommand decode(byte[] payload) {
        ByteBuffer buffer = ByteBuffer.wrap(payload);
        return new RegisterCommand(buffer.getInt(), buffer.getLong());
    }
}
