package dev.quorate.raft.log.rocksdb;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** The bytes of the small facts beside the entries. Each value starts with a CRC-32C of its key and of what follows. */
final class Facts {

    private static final int CRC_BYTES = Integer.BYTES;

    private Facts() {}

    /**
     * What stands before the log's first entry.
     *
     * @param generation counts the resets of this log; part of every chunk's key
     */
    record Base(int generation, SnapshotMeta meta) {}

    static byte[] encodeHardState(byte[] key, HardState state) {
        NodeId vote = state.votedFor();
        byte[] name = vote == null ? new byte[0] : vote.value().getBytes(StandardCharsets.US_ASCII);
        return seal(
                key,
                ByteBuffer.allocate(CRC_BYTES + Long.BYTES + name.length)
                        .putLong(CRC_BYTES, state.term())
                        .put(CRC_BYTES + Long.BYTES, name)
                        .array());
    }

    static HardState decodeHardState(String place, byte[] key, byte[] value) throws CorruptLogException {
        return decode(place, key, value, body -> {
            long term = body.getLong();
            String name = StandardCharsets.US_ASCII.decode(body).toString();
            return new HardState(term, name.isEmpty() ? null : NodeId.of(name));
        });
    }

    static byte[] encodeBase(byte[] key, Base base) {
        byte[] membership = base.meta().membership().encode();
        return seal(
                key,
                ByteBuffer.allocate(CRC_BYTES + Integer.BYTES + 2 * Long.BYTES + membership.length)
                        .position(CRC_BYTES)
                        .putInt(base.generation())
                        .putLong(base.meta().index())
                        .putLong(base.meta().term())
                        .put(membership)
                        .array());
    }

    static Base decodeBase(String place, byte[] key, byte[] value) throws CorruptLogException {
        return decode(place, key, value, body -> {
            int generation = body.getInt();
            EntryId id = new EntryId(body.getLong(), body.getLong());
            byte[] membership = new byte[body.remaining()];
            body.get(membership);
            return new Base(generation, new SnapshotMeta(id, Membership.decode(membership)));
        });
    }

    static byte[] encodeNumber(byte[] key, long number) {
        return seal(
                key,
                ByteBuffer.allocate(CRC_BYTES + Long.BYTES)
                        .putLong(CRC_BYTES, number)
                        .array());
    }

    static long decodeNumber(String place, byte[] key, byte[] value) throws CorruptLogException {
        return decode(place, key, value, ByteBuffer::getLong);
    }

    static byte[] encodeEntry(byte[] key, Entry entry) {
        byte[] payload = entry.payload();
        return seal(
                key,
                ByteBuffer.allocate(CRC_BYTES + Long.BYTES + 1 + payload.length)
                        .putLong(CRC_BYTES, entry.term())
                        .put(CRC_BYTES + Long.BYTES, (byte) entry.type().number())
                        .put(CRC_BYTES + Long.BYTES + 1, payload)
                        .array());
    }

    static Entry decodeEntry(String place, byte[] key, byte[] value) throws CorruptLogException {
        return decode(place, key, value, body -> {
            long term = body.getLong();
            Entry.Type type = Entry.Type.ofNumber(body.get());
            byte[] payload = new byte[body.remaining()];
            body.get(payload);
            return new Entry(Keys.factIndex(key), term, type, payload);
        });
    }

    private static byte[] seal(byte[] key, byte[] value) {
        ByteBuffer.wrap(value).putInt(0, checksum(key, value));
        return value;
    }

    private interface Decoder<T> {
        T decode(ByteBuffer body);
    }

    private static <T> T decode(String place, byte[] key, byte[] value, Decoder<T> decoder) throws CorruptLogException {
        if (value.length < CRC_BYTES) {
            throw new CorruptLogException(place + ": a value of " + value.length + " bytes is cut short");
        }
        ByteBuffer buffer = ByteBuffer.wrap(value);
        int expected = buffer.getInt();
        int found = checksum(key, value);
        if (expected != found) {
            throw new CorruptLogException(String.format(
                    "%s: the checksum of %d bytes is %08x, and %08x was written with them",
                    place, value.length, found, expected));
        }
        try {
            return decoder.decode(buffer);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new CorruptLogException(place + " is not readable, though its checksum is right: " + e, e);
        }
    }

    private static int checksum(byte[] key, byte[] value) {
        CRC32C crc = new CRC32C();
        crc.update(key);
        crc.update(value, CRC_BYTES, value.length - CRC_BYTES);
        return (int) crc.getValue();
    }
}
