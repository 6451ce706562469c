package dev.quorate.raft.log.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Looks through RocksDB's write-ahead files before RocksDB does, for writes that must have been acknowledged.
 *
 * <p>Every write is one record, and the next one starts only after its sync. So a good start of a record proves that
 * whatever stands before it was durable once. RocksDB's recovery stops at the first bad record and never looks behind it;
 * this scan does. If recovery ends before what the scan has proved, acknowledged writes are damaged, and not merely torn.
 *
 * <pre>
 *   │ good │ good │ bad │ good │ good │ torn │ older, recycled records …
 *                  └ recovery stops here    └ proved: everything before the last good start
 * </pre>
 *
 * <p>The format: blocks of 32 KiB, in each a chain of fragments
 * {@code masked crc32c 4 │ length 2 │ type 1 │ [number of the file 4] │ payload}, little-endian; the checksum covers what
 * follows the length. A record is a FULL fragment, or FIRST, MIDDLE …, LAST, and starts with its sequence number 8 and its
 * count of operations 4. Only recyclable fragments have the file's number, which tells them from older ones in the same file.
 */
final class WalScan {

    private static final int BLOCK_BYTES = 32 << 10;
    private static final int READ_BYTES = 32 * BLOCK_BYTES;
    private static final int LENGTH_OFFSET = 4;
    private static final int TYPE_OFFSET = 6;
    private static final int LEGACY_HEADER_BYTES = 7;
    private static final int RECYCLABLE_HEADER_BYTES = 11;
    private static final int RECORD_HEADER_BYTES = 12;
    private static final int CRC_MASK_DELTA = 0xa282ead8;

    private static final int FULL = 1;
    private static final int FIRST = 2;
    private static final int LAST = 4;
    /** Added to a type that is recyclable. */
    private static final int RECYCLABLE = 4;

    private static final long UNKNOWN = -1;

    private final CRC32C crc = new CRC32C();
    private final byte[] bytes = new byte[READ_BYTES];
    private final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);

    private long provedSequence;
    private long lastSequence;
    private boolean hole;
    private boolean empty = true;

    // The file under the scan, and where in a record it is.
    private int fileNumber;
    private boolean recyclable;
    private boolean broken;
    private boolean inRecord;
    private long recordEnd = UNKNOWN;
    private long nextSequence = UNKNOWN;

    private WalScan() {}

    static WalScan of(Path database) throws IOException {
        WalScan scan = new WalScan();
        if (Files.isDirectory(database)) {
            for (Path file : writeAheadFiles(database)) {
                scan.file(file);
            }
        }
        return scan;
    }

    /** Everything up to this sequence number was acknowledged. */
    long provedSequence() {
        return provedSequence;
    }

    /**
     * True if RocksDB's recovery may end before {@code acknowledgedSequence} or before {@link #provedSequence}. It need not:
     * the files may hold what table files hold already. If false, it surely does not.
     */
    boolean isSuspicious(long acknowledgedSequence) {
        return hole || (!empty && acknowledgedSequence > lastSequence);
    }

    private static List<Path> writeAheadFiles(Path database) throws IOException {
        try (Stream<Path> files = Files.list(database)) {
            return files.filter(file -> file.getFileName().toString().matches("\\d+\\.log"))
                    .sorted(Comparator.comparingLong(WalScan::number))
                    .toList();
        }
    }

    private static long number(Path file) {
        String name = file.getFileName().toString();
        return Long.parseLong(name.substring(0, name.indexOf('.')));
    }

    private void file(Path file) throws IOException {
        fileNumber = (int) number(file);
        broken = false;
        inRecord = false;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            recyclable = true;
            for (boolean first = true; fill(channel); first = false) {
                empty = false;
                if (first && buffer.limit() > TYPE_OFFSET) {
                    // A file is of one kind. Taking both would find "records" in payloads that are such files
                    // themselves.
                    recyclable = buffer.get(TYPE_OFFSET) > RECYCLABLE;
                }
                for (int start = 0; start < buffer.limit(); start += BLOCK_BYTES) {
                    block(start, Math.min(start + BLOCK_BYTES, buffer.limit()));
                }
            }
        }
    }

    private boolean fill(FileChannel channel) throws IOException {
        buffer.clear();
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
            // Until the buffer is full or the file ends: blocks must not be cut by a short read.
        }
        return buffer.flip().hasRemaining();
    }

    private void block(int start, int end) {
        int offset = start;
        while (end - offset >= headerBytes()) {
            int length = fragmentBytes(offset, end);
            if (length > 0) {
                fragment(offset);
                offset += length;
            } else {
                broken = true;
                inRecord = false;
                offset++;
            }
        }
    }

    /** How long the fragment is that starts here, 0 if none does. */
    private int fragmentBytes(int offset, int end) {
        int type = buffer.get(offset + TYPE_OFFSET) - (recyclable ? RECYCLABLE : 0);
        if (type < FULL || type > LAST) {
            return 0;
        }
        int length = headerBytes() + (buffer.getShort(offset + LENGTH_OFFSET) & 0xffff);
        if (length > end - offset) {
            return 0;
        }
        crc.reset();
        crc.update(bytes, offset + TYPE_OFFSET, length - TYPE_OFFSET);
        int plain = (int) crc.getValue();
        int masked = Integer.rotateRight(plain, 15) + CRC_MASK_DELTA;
        return masked == buffer.getInt(offset) ? length : 0;
    }

    private int headerBytes() {
        return recyclable ? RECYCLABLE_HEADER_BYTES : LEGACY_HEADER_BYTES;
    }

    private void fragment(int offset) {
        if (recyclable && buffer.getInt(offset + LEGACY_HEADER_BYTES) != fileNumber) {
            // Left from the file's earlier life.
            inRecord = false;
            return;
        }
        int type = buffer.get(offset + TYPE_OFFSET) - (recyclable ? RECYCLABLE : 0);
        if (type == FULL || type == FIRST) {
            int payloadBytes = buffer.getShort(offset + LENGTH_OFFSET) & 0xffff;
            recordStarts(offset + headerBytes(), payloadBytes);
            inRecord = true;
        }
        if (type == FULL || type == LAST) {
            recordEnds();
        }
    }

    private void recordStarts(int payload, int payloadBytes) {
        hole |= broken;
        recordEnd = UNKNOWN;
        if (payloadBytes < RECORD_HEADER_BYTES) {
            // Cut by the end of a block. Its number stays unknown; the next record's proves as much.
            nextSequence = UNKNOWN;
            return;
        }
        long sequence = buffer.getLong(payload);
        hole |= nextSequence != UNKNOWN && sequence != nextSequence;
        provedSequence = Math.max(provedSequence, sequence - 1);
        nextSequence = sequence + (buffer.getInt(payload + Long.BYTES) & 0xffff_ffffL);
        recordEnd = nextSequence - 1;
    }

    private void recordEnds() {
        if (inRecord && recordEnd != UNKNOWN) {
            lastSequence = Math.max(lastSequence, recordEnd);
        }
        inRecord = false;
    }
}
