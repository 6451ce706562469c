package dev.quorate.kv.mvcc;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.Filter;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;

/** How RocksDB is set up, in native memory: closed after the database. */
final class EngineOptions implements AutoCloseable {

    private static final long MAX_LOG_FILE_BYTES = 4 << 20;
    private static final int BLOCK_BYTES = 8 << 10;
    private static final double FILTER_BITS_PER_KEY = 10;
    private static final double MEMORY_FILTER_RATIO = 0.05;
    /** One being filled, the others being written: more would mean that the disk does not keep up, and writes wait. */
    private static final int WRITE_BUFFERS = 4;

    private final List<AbstractNativeReference> natives = new ArrayList<>();
    private final DBOptions dbOptions;
    private final List<ColumnFamilyDescriptor> tables = new ArrayList<>();

    EngineOptions(StoreOptions options) {
        dbOptions = keep(new DBOptions())
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setAtomicFlush(true) // without a log, only this keeps the tables and the applied index together
                .setAllowConcurrentMemtableWrite(false) // there is one writer
                .setMaxBackgroundJobs(2)
                .setAvoidUnnecessaryBlockingIO(true)
                .setAvoidFlushDuringShutdown(true) // a stop is quick, and takes the way back of a crash
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(MAX_LOG_FILE_BYTES)
                .setKeepLogFileNum(2);
        Cache blocks = keep(new LRUCache(options.blockCacheBytes()));
        Filter filter = keep(new BloomFilter(FILTER_BITS_PER_KEY));
        for (Table table : Table.values()) {
            ColumnFamilyOptions tableOptions = keep(new ColumnFamilyOptions())
                    .setWriteBufferSize(options.writeBufferBytes())
                    .setMaxWriteBufferNumber(WRITE_BUFFERS)
                    // The files of the revisions do not overlap, so RocksDB moves them from level to level without
                    // reading them; unless one level is compressed and another is not.
                    .setCompressionType(CompressionType.NO_COMPRESSION);
            BlockBasedTableConfig blockConfig = blocks(blocks);
            switch (table) {
                case STATE, REVISIONS, LEASES -> {}
                case LATEST -> { // asked for keys that do not exist; revisions are not
                    blockConfig.setFilterPolicy(filter).setPartitionFilters(true);
                    tableOptions
                            .setMemtablePrefixBloomSizeRatio(MEMORY_FILTER_RATIO)
                            .setMemtableWholeKeyFiltering(true);
                }
            }
            tableOptions.setTableFormatConfig(blockConfig);
            tables.add(new ColumnFamilyDescriptor(table.label().getBytes(StandardCharsets.UTF_8), tableOptions));
        }
    }

    /** Indexes and filters live in the block cache, so that memory does not grow with the number of keys. */
    private static BlockBasedTableConfig blocks(Cache cache) {
        return new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setBlockSize(BLOCK_BYTES)
                .setCacheIndexAndFilterBlocks(true)
                .setCacheIndexAndFilterBlocksWithHighPriority(true)
                .setPinTopLevelIndexAndFilter(true)
                .setIndexType(IndexType.kTwoLevelIndexSearch);
    }

    private <T extends AbstractNativeReference> T keep(T handle) {
        natives.add(handle);
        return handle;
    }

    DBOptions dbOptions() {
        return dbOptions;
    }

    /** In the order of {@link Table}. */
    List<ColumnFamilyDescriptor> tables() {
        return tables;
    }

    @Override
    public void close() {
        for (int i = natives.size() - 1; i >= 0; i--) {
            natives.get(i).close();
        }
    }
}
