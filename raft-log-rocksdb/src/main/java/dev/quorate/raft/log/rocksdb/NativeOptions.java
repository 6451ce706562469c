package dev.quorate.raft.log.rocksdb;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteOptions;

/**
 * How RocksDB is set for a log: written in order by few threads, read rarely, dropped in ranges. Owns the native memory of
 * all of it.
 *
 * <p><b>Recovery mode.</b> Write-ahead files that are recycled hold older records after their newest one, so recovery cannot
 * tell "the end" from "damage" by the file alone, and RocksDB allows only {@code kPointInTimeRecovery} with them: it stops at
 * the first record that is not good. Both stricter modes give recycling up ({@code kTolerateCorruptedTailRecords},
 * {@code kAbsoluteConsistency}), and with it a third of the synced writes per second. What point-in-time recovery alone would
 * cut in silence is found by {@link AcknowledgedMark} and {@link WalScan} instead.
 */
final class NativeOptions implements AutoCloseable {

    private static final byte[] LOG_FAMILY = "log".getBytes(StandardCharsets.US_ASCII);

    /** The facts are a few hundred bytes per group, rewritten now and then. */
    private static final long FACTS_MEMTABLE_BYTES = 1 << 20;

    /** Large blocks, since what is read is read in order, and a small index, since it stays in memory. */
    private static final long LOG_BLOCK_BYTES = 64 << 10;

    /** Bounds memory; a writer that outruns the disk by more than this waits. */
    private static final int MAX_MEMTABLES = 4;

    /** A reader sorts those of a memtable after each new one. A log has one per truncation, reset and compaction. */
    private static final int MAX_RANGE_DELETIONS = 256;

    private final List<AbstractNativeReference> owned = new ArrayList<>();

    final DBOptions db;
    final List<ColumnFamilyDescriptor> families;
    final WriteOptions synced;
    final ReadOptions scan;

    NativeOptions(RocksDbLogOptions options) {
        db = own(new DBOptions())
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
                .setRecycleLogFileNum(options.recycledWalFiles())
                // Both families go to table files together, so that a write-ahead file is free as soon as the log's
                // part is.
                .setAtomicFlush(true)
                // A failed write stays failed: a retry that succeeds says nothing of what the failed one left behind.
                .setMaxBgErrorResumeCount(0)
                .setAllowConcurrentMemtableWrite(false)
                .setMaxBackgroundJobs(2)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0)
                .setSkipStatsUpdateOnDbOpen(true)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(1 << 20)
                .setKeepLogFileNum(2);
        ColumnFamilyOptions facts = own(new ColumnFamilyOptions())
                .setWriteBufferSize(FACTS_MEMTABLE_BYTES)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setTableFormatConfig(new BlockBasedTableConfig().setNoBlockCache(true));
        ColumnFamilyOptions log = own(new ColumnFamilyOptions())
                .setWriteBufferSize(options.memtableBytes())
                .setMaxWriteBufferNumber(MAX_MEMTABLES)
                .setMemtableMaxRangeDeletions(MAX_RANGE_DELETIONS)
                // Payloads are often compressed by their owners, and most of them never live to see a table file.
                .setCompressionType(CompressionType.NO_COMPRESSION)
                // No block cache: the core keeps the recent entries, older ones are read once, in order.
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setNoBlockCache(true)
                        .setBlockSize(LOG_BLOCK_BYTES)
                        .setFormatVersion(5));
        families = List.of(
                new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, facts),
                new ColumnFamilyDescriptor(LOG_FAMILY, log));
        synced = own(new WriteOptions()).setSync(true);
        scan = own(new ReadOptions()).setVerifyChecksums(true).setFillCache(false);
    }

    private <T extends AbstractNativeReference> T own(T reference) {
        owned.add(reference);
        return reference;
    }

    @Override
    public void close() {
        for (int i = owned.size() - 1; i >= 0; i--) {
            owned.get(i).close();
        }
    }
}
