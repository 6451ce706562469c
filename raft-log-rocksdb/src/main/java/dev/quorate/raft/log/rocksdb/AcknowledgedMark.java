package dev.quorate.raft.log.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * How far writes were acknowledged, outside of the database: a lower bound that the database must reach at its next start.
 *
 * <p>A record that is damaged at the very end of a write-ahead file looks like one that was torn while it was written, and
 * recovery cuts both. Only who remembers that the write was acknowledged can tell them apart ("Protocol-Aware Recovery for
 * Consensus-Based Storage", FAST '18). This mark remembers, at the price of one store to memory per write: it is a mapped
 * page, so it survives the end of the process at once, and a power failure as of the last time the kernel wrote the page
 * back. It is moved only after the sync, so it never says more than is true. {@link WalScan} covers what is younger.
 *
 * <p>The mark is RocksDB's sequence number in the low 48 bits and a check of it in the high 16: one aligned word, which no
 * crash can tear. Threads: any.
 */
final class AcknowledgedMark {

    private static final int FILE_BYTES = 4_096;
    private static final int SEQUENCE_BITS = 48;
    private static final long SEQUENCE_MASK = (1L << SEQUENCE_BITS) - 1;

    private final MappedByteBuffer page;
    private long sequence;

    private AcknowledgedMark(MappedByteBuffer page, long sequence) {
        this.page = page;
        this.sequence = sequence;
    }

    static AcknowledgedMark open(Path file) throws IOException {
        if (!Files.exists(file) || Files.size(file) != FILE_BYTES) {
            // Its page must exist on the disk before it is mapped: a full disk is an error here, and a dead process
            // later.
            Path draft = file.resolveSibling(file.getFileName() + ".new");
            try (FileChannel channel = FileChannel.open(
                    draft, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.allocate(FILE_BYTES).putLong(0, encode(0)));
                channel.force(true);
            }
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer page = channel.map(FileChannel.MapMode.READ_WRITE, 0, FILE_BYTES);
            long word = page.getLong(0);
            long sequence = word & SEQUENCE_MASK;
            if (word != encode(sequence)) {
                throw new CorruptLogException(String.format(
                        "%s holds %016x, which is no mark: its check should be %04x", file, word, check(sequence)));
            }
            return new AcknowledgedMark(page, sequence);
        }
    }

    /** Every write up to this sequence number was acknowledged; maybe later ones too. */
    synchronized long sequence() {
        return sequence;
    }

    /** Call only when everything up to {@code newSequence} is durable. */
    synchronized void moveTo(long newSequence) {
        if (newSequence > sequence) {
            sequence = newSequence;
            page.putLong(0, encode(newSequence));
        }
    }

    private static long encode(long sequence) {
        return check(sequence) << SEQUENCE_BITS | sequence;
    }

    private static long check(long sequence) {
        // Any mix will do that a flipped bit or an empty page does not satisfy.
        return ((sequence + 1) * 0x9e37_79b9_7f4a_7c15L) >>> SEQUENCE_BITS;
    }
}
