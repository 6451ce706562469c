package dev.quorate.raft.log.rocksdb;

import dev.quorate.raft.model.Entry;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Puts contiguous entries into the bytes of one chunk, off the heap, so that RocksDB takes them without another copy. One
 * thread; the buffer it returns is valid until the next {@link #begin}.
 */
final class ChunkEncoder {

    static final int CRC_BYTES = Integer.BYTES;
    static final int COUNT_OFFSET = CRC_BYTES;
    static final int PREVIOUS_TERM_OFFSET = COUNT_OFFSET + Integer.BYTES;
    static final int HEADER_BYTES = PREVIOUS_TERM_OFFSET + Long.BYTES;

    /** Set in an entry's type byte if its term differs from that of the entry before it in the chunk, and follows. */
    static final int NEW_TERM = 0x80;

    /** Type, term and length. */
    private static final int MAX_ENTRY_HEADER_BYTES = 1 + Long.BYTES + Integer.BYTES;

    private final int maxChunkBytes;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer key = ByteBuffer.allocateDirect(Keys.CHUNK_KEY_BYTES);
    private ByteBuffer buffer;
    private int count;
    private long term;

    ChunkEncoder(int maxChunkBytes) {
        this.maxChunkBytes = maxChunkBytes;
        this.buffer = allocate();
    }

    private ByteBuffer allocate() {
        return ByteBuffer.allocateDirect(HEADER_BYTES + MAX_ENTRY_HEADER_BYTES + maxChunkBytes);
    }

    /** @param previousTerm the term of the entry before the first one, or of the log's base */
    void begin(long previousTerm) {
        if (buffer.capacity() > 4 * (HEADER_BYTES + MAX_ENTRY_HEADER_BYTES + maxChunkBytes)) {
            // One huge entry must not keep its buffer for good.
            buffer = allocate();
        }
        buffer.clear().position(PREVIOUS_TERM_OFFSET);
        buffer.putLong(previousTerm);
        count = 0;
        term = 0;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** False if the entry would make the chunk too large. An empty chunk takes any entry. */
    boolean takes(Entry entry) {
        return count == 0
                || buffer.position() - HEADER_BYTES + MAX_ENTRY_HEADER_BYTES + entry.payload().length <= maxChunkBytes;
    }

    void add(Entry entry) {
        byte[] payload = entry.payload();
        makeRoom(MAX_ENTRY_HEADER_BYTES + payload.length);
        int type = entry.type().number();
        if (entry.term() == term) {
            buffer.put((byte) type);
        } else {
            term = entry.term();
            buffer.put((byte) (type | NEW_TERM)).putLong(term);
        }
        buffer.putInt(payload.length).put(payload);
        count++;
    }

    long lastTerm() {
        return term;
    }

    private void makeRoom(int bytes) {
        if (buffer.remaining() < bytes) {
            ByteBuffer larger = ByteBuffer.allocateDirect(Math.addExact(buffer.position(), bytes));
            buffer = larger.put(buffer.flip());
        }
    }

    /** The finished chunk's key; {@link #finish} must have been called for it. */
    ByteBuffer key() {
        return key.rewind();
    }

    /** The finished chunk, ready to be read. */
    ByteBuffer finish(long groupId, int generation, long firstIndex) {
        key.clear();
        key.putLong(groupId).putInt(generation).putLong(firstIndex).flip();
        buffer.putInt(COUNT_OFFSET, count).flip();
        crc.reset();
        crc.update(key);
        crc.update(buffer.position(CRC_BYTES));
        return buffer.rewind().putInt(0, (int) crc.getValue());
    }
}
