package dev.quorate.raft.log.rocksdb;

import dev.quorate.raft.model.Entry;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A chunk that was read, its checksum verified, and a cursor over its entries. The cursor starts before the first entry. One
 * thread.
 */
final class Chunk {

    private final String place;
    private final long firstIndex;
    private final int count;
    private final long previousTerm;
    private final ByteBuffer body;

    private int passed;
    private long term;
    private Entry.Type type = Entry.Type.NO_OP;
    private int payloadOffset;
    private int payloadBytes;

    private Chunk(String place, long firstIndex, ByteBuffer body) {
        this.place = place;
        this.firstIndex = firstIndex;
        this.count = body.getInt(ChunkEncoder.COUNT_OFFSET);
        this.previousTerm = body.getLong(ChunkEncoder.PREVIOUS_TERM_OFFSET);
        this.body = body.position(ChunkEncoder.HEADER_BYTES);
    }

    /** @throws CorruptLogException if this is not what was written under this key */
    static Chunk verified(long groupId, long firstIndex, byte[] key, byte[] value) throws CorruptLogException {
        String place = "group " + groupId + ", entries from index " + firstIndex;
        if (value.length < ChunkEncoder.HEADER_BYTES) {
            throw new CorruptLogException(place + ": a chunk of " + value.length + " bytes is cut short, "
                    + ChunkEncoder.HEADER_BYTES + " are the least");
        }
        ByteBuffer body = ByteBuffer.wrap(value);
        CRC32C crc = new CRC32C();
        crc.update(key);
        crc.update(value, ChunkEncoder.CRC_BYTES, value.length - ChunkEncoder.CRC_BYTES);
        int expected = body.getInt(0);
        int found = (int) crc.getValue();
        if (expected != found) {
            throw new CorruptLogException(String.format(
                    "%s: the checksum of a chunk of %d bytes is %08x, and %08x was written with it",
                    place, value.length, found, expected));
        }
        Chunk chunk = new Chunk(place, firstIndex, body);
        if (chunk.count < 1) {
            throw new CorruptLogException(place + ": a chunk of " + chunk.count + " entries");
        }
        return chunk;
    }

    long firstIndex() {
        return firstIndex;
    }

    long lastIndex() {
        return firstIndex + count - 1;
    }

    /** How large it is as stored. */
    int bytes() {
        return body.limit();
    }

    /** The term of the entry before the first, or of the base that the log had then. */
    long previousTerm() {
        return previousTerm;
    }

    /** Moves to the next entry; false if there is none, and then the cursor stays on the last one. */
    boolean next() throws CorruptLogException {
        if (passed == count) {
            return false;
        }
        try {
            int typeAndFlag = body.get() & 0xff;
            if ((typeAndFlag & ChunkEncoder.NEW_TERM) != 0) {
                term = body.getLong();
            }
            type = Entry.Type.ofNumber(typeAndFlag & ~ChunkEncoder.NEW_TERM);
            payloadBytes = body.getInt();
            payloadOffset = body.position();
            body.position(payloadOffset + payloadBytes);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new CorruptLogException(
                    place + ": entry " + (firstIndex + passed) + " is not readable, though its checksum is right: " + e,
                    e);
        }
        passed++;
        return true;
    }

    /** The index of the entry under the cursor. */
    long index() {
        return firstIndex + passed - 1;
    }

    long term() {
        return term;
    }

    /** What the entry under the cursor counts against limits; see {@link Entry#sizeBytes}. */
    long sizeBytes() {
        return Entry.OVERHEAD_BYTES + payloadBytes;
    }

    Entry entry() {
        byte[] payload = new byte[payloadBytes];
        body.get(payloadOffset, payload);
        return new Entry(index(), term, type, payload);
    }
}
