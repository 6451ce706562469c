package dev.quorate.raft.log.rocksdb;

import static dev.quorate.raft.log.rocksdb.Logs.assertFails;
import static dev.quorate.raft.log.rocksdb.Logs.command;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Entry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChunkTest {

    private static final List<Entry> ENTRIES =
            List.of(command(5, 2), Entry.noOp(6, 3), Entry.membership(7, 3, Logs.THREE), command(8, 4, ""));
    private static final byte[] KEY = Keys.chunk(1, 0, 5);

    @Test
    void holdsItsEntriesAndTheTermBeforeThem() throws Exception {
        Chunk chunk = Chunk.verified(1, 5, KEY, encode(1024, ENTRIES));

        assertEquals(5, chunk.firstIndex());
        assertEquals(8, chunk.lastIndex());
        assertEquals(2, chunk.previousTerm());
        assertEquals(ENTRIES, entries(chunk));
        assertEquals(4, chunk.term());
    }

    @Test
    void everyFlippedBitIsNoticed() {
        byte[] value = encode(1024, ENTRIES);
        for (int bit = 0; bit < value.length * 8; bit++) {
            byte[] damaged = value.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);

            assertThrows(CorruptLogException.class, () -> Chunk.verified(1, 5, KEY, damaged), "bit " + bit);
        }
    }

    @Test
    void everyCutIsNoticed() {
        byte[] value = encode(1024, ENTRIES);
        for (int length = 0; length < value.length; length++) {
            byte[] cut = Arrays.copyOf(value, length);

            assertThrows(CorruptLogException.class, () -> Chunk.verified(1, 5, KEY, cut), "length " + length);
        }
    }

    @Test
    void aGoodChunkInAWrongPlaceIsNoticed() {
        byte[] value = encode(1024, ENTRIES);
        // Another index, another generation, another group.
        for (byte[] key : List.of(Keys.chunk(1, 0, 6), Keys.chunk(1, 1, 5), Keys.chunk(2, 0, 5))) {
            assertFails(CorruptLogException.class, "checksum", () -> Chunk.verified(1, 5, key, value));
        }
    }

    @Test
    void damageIsNamedByGroupIndexAndBothChecksums() {
        byte[] value = encode(1024, ENTRIES);
        int written = ByteBuffer.wrap(value).getInt(0);
        value[value.length - 1] ^= 1;

        assertFails(
                CorruptLogException.class,
                String.format("%08x was written", written),
                () -> Chunk.verified(1, 5, KEY, value));
        assertFails(CorruptLogException.class, "group 1, entries from index 5", () -> Chunk.verified(1, 5, KEY, value));
    }

    @Test
    void isBoundedInBytesButTakesOneEntryOfAnySize() throws Exception {
        ChunkEncoder encoder = new ChunkEncoder(100);
        Entry large = Entry.command(5, 1, new byte[10_000]);
        encoder.begin(0);
        assertTrue(encoder.takes(large));
        encoder.add(large);
        assertFalse(encoder.takes(command(6, 1)));
        Chunk chunk = Chunk.verified(1, 5, KEY, bytes(encoder.finish(1, 0, 5)));
        assertEquals(List.of(large), entries(chunk));

        encoder.begin(1);
        int taken = 0;
        while (encoder.takes(command(6 + taken, 1))) {
            encoder.add(command(6 + taken, 1));
            taken++;
        }
        assertTrue(taken > 1);
        assertTrue(encoder.finish(1, 0, 6).remaining() <= 100 + ChunkEncoder.HEADER_BYTES);
    }

    private static List<Entry> entries(Chunk chunk) throws CorruptLogException {
        List<Entry> entries = new ArrayList<>();
        while (chunk.next()) {
            entries.add(chunk.entry());
        }
        return entries;
    }

    private static byte[] encode(int maxChunkBytes, List<Entry> entries) {
        ChunkEncoder encoder = new ChunkEncoder(maxChunkBytes);
        encoder.begin(2);
        entries.forEach(encoder::add);
        return bytes(encoder.finish(1, 0, entries.get(0).index()));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
