package dev.quorate.raft.simulator.observe;

import java.nio.ByteBuffer;

/**
 * "Put this value into that register." No two commands of a run carry the same value, so a value names its command.
 *
 * @param key which register, from 0
 */
public record RegisterCommand(int key, long value) {

    /** @param paddingBytes bytes without meaning behind the command, so that commands differ in size */
    public byte[] encode(int paddingBytes) {
        return NamedCommand.encode(
                value,
                ByteBuffer.allocate(Integer.BYTES + paddingBytes).putInt(key).array());
    }

    public static RegisterCommand decode(byte[] payload) {
        return new RegisterCommand(
                ByteBuffer.wrap(payload).getInt(NamedCommand.NAME_BYTES), NamedCommand.name(payload));
    }
}
