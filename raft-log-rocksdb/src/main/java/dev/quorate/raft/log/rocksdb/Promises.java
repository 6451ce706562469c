package dev.quorate.raft.log.rocksdb;

import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.NodeId;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A second copy of what one group's member has promised: its term, its vote and its life, outside of the database. Entries that
 * are lost come back from peers, a vote does not: a member that forgot it could vote twice. So this is written, and synced, before
 * the database is; it is the same as there, or newer by a write that was never acknowledged.
 *
 * <p>A file with two places, written in turn, so that a torn write spares the other: {@code crc32c 4 │ number 8 │ incarnation 8 │
 * term 8 │ length of the vote 2 │ vote}. The one with the larger number counts. One thread.
 */
final class Promises {

    private static final int PLACE_BYTES = 2_048;
    private static final int PLACES = 2;
    private static final int CRC_BYTES = Integer.BYTES;

    /** @param number counts the writes of this file */
    record Promise(long number, long incarnation, HardState hardState) {}

    private final StoreDirectory directory;
    private final Path file;
    private @Nullable Promise newest;

    private Promises(StoreDirectory directory, Path file, @Nullable Promise newest) {
        this.directory = directory;
        this.file = file;
        this.newest = newest;
    }

    static Promises open(StoreDirectory directory, long groupId) throws IOException {
        Path file = directory.promises(groupId);
        Promise newest = null;
        if (Files.exists(file)) {
            byte[] bytes = Files.readAllBytes(file);
            for (int place = 0; place < PLACES; place++) {
                Promise found = decode(bytes, place * PLACE_BYTES);
                if (found != null && (newest == null || found.number() > newest.number())) {
                    newest = found;
                }
            }
        }
        return new Promises(directory, file, newest);
    }

    /** What was written last, null if there is nothing that can be read. */
    @Nullable
    Promise newest() {
        return newest;
    }

    /** Returns when it is durable. */
    void write(long incarnation, HardState hardState) throws IOException {
        Promise before = newest;
        if (before != null
                && before.incarnation() == incarnation
                && before.hardState().equals(hardState)) {
            return;
        }
        Promise next = new Promise(before == null ? 1 : before.number() + 1, incarnation, hardState);
        boolean isNew = !Files.exists(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = encode(next);
            long at = next.number() % PLACES * PLACE_BYTES;
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
            channel.force(isNew);
        }
        if (isNew) {
            StoreDirectory.syncDirectory(directory.path());
        }
        newest = next;
    }

    private static ByteBuffer encode(Promise promise) {
        NodeId vote = promise.hardState().votedFor();
        byte[] name = vote == null ? new byte[0] : vote.value().getBytes(StandardCharsets.US_ASCII);
        ByteBuffer bytes = ByteBuffer.allocate(CRC_BYTES + 3 * Long.BYTES + Short.BYTES + name.length)
                .position(CRC_BYTES)
                .putLong(promise.number())
                .putLong(promise.incarnation())
                .putLong(promise.hardState().term())
                .putShort((short) name.length)
                .put(name);
        bytes.putInt(0, checksum(bytes.array(), CRC_BYTES, bytes.capacity() - CRC_BYTES));
        return bytes.flip();
    }

    private static @Nullable Promise decode(byte[] bytes, int from) {
        try {
            ByteBuffer in = ByteBuffer.wrap(bytes, from, Math.min(PLACE_BYTES, bytes.length - from));
            int expected = in.getInt();
            long number = in.getLong();
            long incarnation = in.getLong();
            long term = in.getLong();
            byte[] name = new byte[in.getShort() & 0xffff];
            in.get(name);
            if (number == 0 || checksum(bytes, from + CRC_BYTES, in.position() - from - CRC_BYTES) != expected) {
                return null;
            }
            String vote = new String(name, StandardCharsets.US_ASCII);
            return new Promise(number, incarnation, new HardState(term, vote.isEmpty() ? null : NodeId.of(vote)));
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            return null; // cut short, or other bytes than were written
        }
    }

    private static int checksum(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }
}
