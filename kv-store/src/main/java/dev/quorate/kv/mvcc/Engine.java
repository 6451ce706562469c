package dev.quorate.kv.mvcc;

import dev.quorate.raft.log.rocksdb.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompactRangeOptions.BottommostLevelCompaction;
import org.rocksdb.FlushOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * An open RocksDB with the store's tables. Whoever calls must know that it is not closed meanwhile: a call on a closed one
 * takes the process down ({@link Gate}).
 */
final class Engine implements AutoCloseable {

    private static final int ROW_BUFFER_BYTES = 16 << 10;
    private static final ThreadLocal<byte[]> ROW = ThreadLocal.withInitial(() -> new byte[ROW_BUFFER_BYTES]);

    private final List<AutoCloseable> natives = new ArrayList<>(); // closed in the reverse order
    private final RocksDB db;
    private final List<ColumnFamilyHandle> handles;
    private final Map<Table, TableHandle> tables = new EnumMap<>(Table.class);
    private final ReadOptions readNewest;
    private final WriteOptions withoutLog;

    private Engine(EngineOptions options, RocksDB db, List<ColumnFamilyHandle> handles) {
        keep(options);
        this.db = keep(db);
        this.handles = handles;
        for (Table table : Table.values()) {
            ColumnFamilyHandle handle = keep(handles.get(tables.size()));
            tables.put(table, new TableHandle(handle, handle.getID()));
        }
        readNewest = keep(new ReadOptions());
        withoutLog = keep(new WriteOptions().setDisableWAL(true));
    }

    /** @throws IOException if the directory is in use, cannot be written, or holds something else */
    static Engine open(Path directory, StoreOptions options) throws IOException {
        Files.createDirectories(directory);
        NativeLibrary.load();
        EngineOptions engineOptions = new EngineOptions(options);
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try {
            RocksDB db = RocksDB.open(engineOptions.dbOptions(), directory.toString(), engineOptions.tables(), handles);
            return new Engine(engineOptions, db, handles);
        } catch (RocksDBException e) {
            engineOptions.close();
            throw new IOException("the store in " + directory + " cannot be opened: " + e.getMessage(), e);
        }
    }

    /** Of files that nobody writes to, and that stay as they are. */
    static Engine openReadOnly(Path directory) throws IOException {
        NativeLibrary.load();
        EngineOptions engineOptions = new EngineOptions(StoreOptions.defaults());
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try {
            RocksDB db = RocksDB.openReadOnly(
                    engineOptions.dbOptions(), directory.toString(), engineOptions.tables(), handles);
            return new Engine(engineOptions, db, handles);
        } catch (RocksDBException e) {
            engineOptions.close();
            throw new IOException("the store in " + directory + " cannot be read: " + e.getMessage(), e);
        }
    }

    private <T extends AutoCloseable> T keep(T handle) {
        natives.add(handle);
        return handle;
    }

    /** @param id as {@link WriteRows} names the table; kept because asking for it goes into native code */
    private record TableHandle(ColumnFamilyHandle handle, int id) {}

    int tableId(Table table) {
        return table(table).id();
    }

    private ColumnFamilyHandle handle(Table table) {
        return table(table).handle();
    }

    private TableHandle table(Table table) {
        return Objects.requireNonNull(tables.get(table), "table");
    }

    /** The bytes of one row. Valid until this thread asks for the next row. */
    @Nullable
    Row get(Table table, byte[] key) {
        return get(table, readNewest, key);
    }

    @Nullable
    Row get(Table table, ReadOptions options, byte[] key) {
        byte[] buffer = ROW.get();
        try {
            int length = db.get(handle(table), options, key, 0, key.length, buffer, 0, buffer.length);
            if (length == RocksDB.NOT_FOUND) {
                return null;
            }
            if (length <= buffer.length) {
                return new Row(buffer, length);
            }
            // Too long for the buffer: read it once more into one of its own, which does not stay for the thread's
            // life.
            byte[] whole = db.get(handle(table), options, key);
            return whole == null ? null : new Row(whole, whole.length);
        } catch (RocksDBException e) {
            throw new StorageException("a read of table " + table.label() + " failed", e);
        }
    }

    /** @param bytes longer than the row, maybe */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Row(byte[] bytes, int length) {
        byte[] copy() {
            return Arrays.copyOf(bytes, length);
        }
    }

    /** Writes all rows or none; into memory only. */
    void write(WriteRows rows) {
        try (WriteBatch batch = new WriteBatch(rows.toByteArray())) {
            db.write(withoutLog, batch);
        } catch (RocksDBException e) {
            throw new StorageException("a write to the store failed", e);
        }
    }

    /** Everything written so far survives a crash when this returns. */
    void flush() {
        try (FlushOptions options = new FlushOptions().setWaitForFlush(true).setAllowWriteStall(true)) {
            db.flush(options, handles);
        } catch (RocksDBException e) {
            throw new StorageException("the store could not be written to disk", e);
        }
    }

    /** Rewrites all tables without what is superseded or deleted. */
    void compactAll() {
        try (CompactRangeOptions options = new CompactRangeOptions()
                .setBottommostLevelCompaction(BottommostLevelCompaction.kForce)
                .setExclusiveManualCompaction(false)) {
            for (ColumnFamilyHandle handle : handles) {
                db.compactRange(handle, null, null, options);
            }
        } catch (RocksDBException e) {
            throw new StorageException("the store could not be defragmented", e);
        }
    }

    /** @param directory does not exist yet */
    void checkpoint(Path directory) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.create(db)) {
            checkpoint.createCheckpoint(directory.toString());
        } catch (RocksDBException e) {
            throw new IOException("the snapshot " + directory + " could not be written: " + e.getMessage(), e);
        }
    }

    Snapshot snapshot() {
        return db.getSnapshot();
    }

    void release(Snapshot snapshot) {
        db.releaseSnapshot(snapshot);
    }

    RocksIterator iterator(Table table, ReadOptions options) {
        return db.newIterator(handle(table), options);
    }

    ReadOptions readNewest() {
        return readNewest;
    }

    /** Bytes of all files and of what is not in files yet. */
    long sizeBytes() {
        return sum("rocksdb.total-sst-files-size") + sum("rocksdb.cur-size-all-mem-tables");
    }

    /** About how many bytes of these are not superseded. */
    long liveBytes() {
        return sum("rocksdb.estimate-live-data-size") + sum("rocksdb.cur-size-all-mem-tables");
    }

    /** About how many rows a table has. */
    long estimatedRows(Table table) {
        return property(handle(table), "rocksdb.estimate-num-keys");
    }

    private long sum(String property) {
        long sum = 0;
        for (ColumnFamilyHandle table : handles) {
            sum += property(table, property);
        }
        return sum;
    }

    private long property(ColumnFamilyHandle table, String name) {
        try {
            return db.getLongProperty(table, name);
        } catch (RocksDBException e) {
            throw new StorageException("RocksDB does not tell its " + name, e);
        }
    }

    /** What is not flushed is lost, and comes again from the raft log. */
    @Override
    public void close() {
        for (int i = natives.size() - 1; i >= 0; i--) {
            try {
                natives.get(i).close();
            } catch (Exception e) {
                throw new StorageException("the store could not be closed", e);
            }
        }
    }
}
