package dev.quorate.kv.mvcc;

import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** The rows of the table {@link Table#STATE}. */
final class StateRows {

    /** {@link State}, in every batch. */
    static final byte[] STATE = "state".getBytes(StandardCharsets.UTF_8);

    /** How far compacted versions are removed; this member's own affair, not part of the replicated state. */
    static final byte[] REMOVED = "removed".getBytes(StandardCharsets.UTF_8);

    private static final String NAMED = "named/";

    private StateRows() {}

    static State state(Engine engine, ReadOptions options) {
        Engine.Row row = engine.get(Table.STATE, options, STATE);
        return row == null ? State.NEW : State.decode(row.bytes(), row.length());
    }

    /** The row of the revisions table that the compactor looks at next. */
    static byte[] removed(Engine engine) {
        Engine.Row row = engine.get(Table.STATE, REMOVED);
        return row == null ? new Revision(0, 0).toKey() : row.copy();
    }

    /** A row of the replicated state beside the keys, such as a member's address. */
    static byte[] named(String name) {
        return (NAMED + name).getBytes(StandardCharsets.UTF_8);
    }

    static SortedMap<String, byte[]> allNamed(Engine engine, ReadOptions options) {
        SortedMap<String, byte[]> all = new TreeMap<>();
        try (RocksIterator rows = engine.iterator(Table.STATE, options)) {
            for (rows.seek(NAMED.getBytes(StandardCharsets.UTF_8)); rows.isValid(); rows.next()) {
                String name = new String(rows.key(), StandardCharsets.UTF_8);
                if (!name.startsWith(NAMED)) {
                    break;
                }
                all.put(name.substring(NAMED.length()), rows.value());
            }
            rows.status();
        } catch (RocksDBException e) {
            throw new StorageException("a scan of the state failed", e);
        }
        return all;
    }
}
