package dev.quorate.kv.command;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The leases whose time is over, as the leader that counts it has found.
 *
 * <pre>
 *   | term, 8 bytes | lease id, 8 bytes | renewed at index, 8 bytes | … |    big-endian
 * </pre>
 *
 * @param term the leader's. In the log of a later one this does nothing: a leader that was asleep, and wakes as a follower,
 *     passes its commands on like everybody, but has not heard of those who were told by the new leader that they have time
 * @param leases each ends only if it was not renewed after {@link Ended#renewedAt()}
 */
public record Expiry(long term, List<Ended> leases) {

    /** The most leases of one command: each may have many keys, and other writes wait meanwhile. */
    public static final int MAX_LEASES = 64;

    /** @param renewedAt the log index of the grant or renewal whose time is over */
    public record Ended(long id, long renewedAt) {
        static final int BYTES = 2 * Long.BYTES;
    }

    /** A command that ends these leases. */
    public byte[] toCommand(long origin) {
        ByteBuffer request = ByteBuffer.allocate(Long.BYTES + leases.size() * Ended.BYTES);
        request.putLong(term);
        leases.forEach(each -> request.putLong(each.id()).putLong(each.renewedAt()));
        return Command.of(Command.Kind.LEASE_EXPIRE, origin, request.array());
    }

    static Expiry read(byte[] command) {
        int length = command.length - Command.HEADER_BYTES;
        if (length < Long.BYTES || (length - Long.BYTES) % Ended.BYTES != 0) {
            throw new IllegalArgumentException("a command that ends leases has " + length + " bytes");
        }
        ByteBuffer request = ByteBuffer.wrap(command, Command.HEADER_BYTES, length);
        long term = request.getLong();
        List<Ended> leases = new ArrayList<>();
        while (request.hasRemaining()) {
            leases.add(new Ended(request.getLong(), request.getLong()));
        }
        return new Expiry(term, leases);
    }
}
