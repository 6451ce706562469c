package dev.quorate.raft.simulator.observe;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A command with a number before it that no other command of a run has: two equal commands can be told apart. */
public final class NamedCommand {

    public static final int NAME_BYTES = Long.BYTES;

    private NamedCommand() {}

    public static byte[] encode(long name, byte[] command) {
        return ByteBuffer.allocate(NAME_BYTES + command.length)
                .putLong(name)
                .put(command)
                .array();
    }

    public static long name(byte[] payload) {
        return ByteBuffer.wrap(payload).getLong();
    }

    public static byte[] command(byte[] payload) {
        return Arrays.copyOfRange(payload, NAME_BYTES, payload.length);
    }
}
