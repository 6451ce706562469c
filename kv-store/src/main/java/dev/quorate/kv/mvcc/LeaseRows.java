package dev.quorate.kv.mvcc;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * The rows of the table {@link Table#LEASES}.
 *
 * <pre>
 *   'g' | id, 8 bytes          →  ttl in seconds, 8 bytes | renewed at index, 8 bytes
 *   'k' | id, 8 bytes | key    →  nothing: the key belongs to the lease
 * </pre>
 */
final class LeaseRows {

    private static final byte GRANT = 'g';
    private static final byte KEY = 'k';
    private static final int ID_BYTES = 1 + Long.BYTES;

    private LeaseRows() {}

    static byte[] grantKey(long id) {
        return ByteBuffer.allocate(ID_BYTES).put(GRANT).putLong(id).array();
    }

    static byte[] grant(Lease lease) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(lease.ttlSeconds())
                .putLong(lease.renewedAt())
                .array();
    }

    static byte[] attachment(long id, byte[] key) {
        return ByteBuffer.allocate(ID_BYTES + key.length)
                .put(KEY)
                .putLong(id)
                .put(key)
                .array();
    }

    /** Every lease, by its id. */
    static SortedMap<Long, Lease> all(Engine engine, ReadOptions options) {
        SortedMap<Long, Lease> all = new TreeMap<>();
        try (RocksIterator rows = engine.iterator(Table.LEASES, options)) {
            for (rows.seek(new byte[] {GRANT}); rows.isValid() && rows.key()[0] == GRANT; rows.next()) {
                long id = ByteBuffer.wrap(rows.key(), 1, Long.BYTES).getLong();
                ByteBuffer value = ByteBuffer.wrap(rows.value());
                all.put(id, new Lease(id, value.getLong(), value.getLong()));
            }
            rows.status();
        } catch (RocksDBException e) {
            throw new StorageException("a scan of the leases failed", e);
        }
        return all;
    }

    /** The keys that belong to a lease, in their order. */
    static List<byte[]> keys(Engine engine, ReadOptions options, long id) {
        List<byte[]> keys = new ArrayList<>();
        byte[] prefix = attachment(id, new byte[0]);
        try (RocksIterator rows = engine.iterator(Table.LEASES, options)) {
            for (rows.seek(prefix); rows.isValid(); rows.next()) {
                byte[] row = rows.key();
                if (!Arrays.equals(row, 0, Math.min(row.length, ID_BYTES), prefix, 0, ID_BYTES)) {
                    break;
                }
                keys.add(Arrays.copyOfRange(row, ID_BYTES, row.length));
            }
            rows.status();
        } catch (RocksDBException e) {
            throw new StorageException("a scan of the keys of lease " + id + " failed", e);
        }
        return keys;
    }
}
