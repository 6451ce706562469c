package dev.quorate.kv.command;

import dev.quorate.kv.auth.Caller;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A command of somebody who has shown who he is. It is carried out only if the auth revision is still the one under which it was
 * allowed.
 *
 * <pre>
 *   | 30 | origin | auth revision | user length | user  | kind | request |
 *     1      8          8               2         UTF-8    1
 * </pre>
 */
public final class AuthenticatedCommand {

    private static final int FIXED_BYTES = Command.HEADER_BYTES + Long.BYTES + Short.BYTES + 1;
    private static final int MAX_USER_BYTES = 0xFFFF;

    private final Caller caller;
    private final byte[] command;

    private AuthenticatedCommand(Caller caller, byte[] command) {
        this.caller = caller;
        this.command = command;
    }

    /**
     * @param command with its header
     * @throws IllegalArgumentException if the user's name is longer than 65,535 bytes, which no user's is
     */
    public static byte[] of(Caller caller, byte[] command) {
        byte[] user = caller.user().getBytes(StandardCharsets.UTF_8);
        if (user.length > MAX_USER_BYTES) {
            throw new IllegalArgumentException(
                    "a user's name of " + user.length + " bytes is longer than " + MAX_USER_BYTES + " bytes");
        }
        int requestBytes = command.length - Command.HEADER_BYTES;
        byte[] wrapped = new byte[FIXED_BYTES + user.length + requestBytes];
        Command.writeHeader(wrapped, Command.Kind.AUTHENTICATED, Command.origin(command));
        ByteBuffer.wrap(wrapped)
                .position(Command.HEADER_BYTES)
                .putLong(caller.revision())
                .putShort((short) user.length)
                .put(user)
                .put(command[0])
                .put(command, Command.HEADER_BYTES, requestBytes);
        return wrapped;
    }

    /** @throws IllegalArgumentException if it is none */
    static AuthenticatedCommand read(byte[] wrapped) {
        ByteBuffer in = ByteBuffer.wrap(wrapped);
        if (wrapped.length < FIXED_BYTES) {
            throw new IllegalArgumentException(
                    "an authenticated command has at least " + FIXED_BYTES + " bytes, not " + wrapped.length);
        }
        in.position(Command.HEADER_BYTES);
        long revision = in.getLong();
        int userBytes = Short.toUnsignedInt(in.getShort());
        if (in.remaining() <= userBytes) {
            throw new IllegalArgumentException("the name of the command's user is cut off");
        }
        String user = new String(wrapped, in.position(), userBytes, StandardCharsets.UTF_8);
        in.position(in.position() + userBytes);
        byte kind = in.get();
        byte[] command = new byte[Command.HEADER_BYTES + in.remaining()];
        in.get(command, Command.HEADER_BYTES, in.remaining());
        ByteBuffer.wrap(command).put(kind).putLong(Command.origin(wrapped));
        return new AuthenticatedCommand(new Caller(user, revision), command);
    }

    Caller caller() {
        return caller;
    }

    /** As if nobody had asked who proposes it. */
    byte[] command() {
        return command;
    }
}
