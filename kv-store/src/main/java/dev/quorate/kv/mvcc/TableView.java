package dev.quorate.kv.mvcc;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** What the tables hold, as of a RocksDB snapshot or as of now. The engine stays open as long as this is used. */
class TableView implements View {

    private final Engine engine;
    private final ReadOptions options;
    private final State state;

    TableView(Engine engine, ReadOptions options, State state) {
        this.engine = engine;
        this.options = options;
        this.state = state;
    }

    @Override
    public final State state() {
        return state;
    }

    @Override
    public final @Nullable Version newest(byte[] key) {
        return newest(engine, options, key);
    }

    static @Nullable Version newest(Engine engine, ReadOptions options, byte[] key) {
        Engine.Row row = engine.get(Table.LATEST, options, key);
        return row == null ? null : LatestRow.decode(key, row.bytes(), row.length());
    }

    @Override
    public final void scan(KeyRange range, Consumer<Version> each) {
        scanWhile(range, version -> {
            each.accept(version);
            return true;
        });
    }

    /** As {@link #scan}, until somebody has enough. */
    final void scanWhile(KeyRange range, Predicate<Version> each) {
        try (RocksIterator rows = engine.iterator(Table.LATEST, options)) {
            for (rows.seek(range.from()); rows.isValid(); rows.next()) {
                byte[] key = rows.key();
                if (!range.reaches(key)) {
                    break;
                }
                byte[] value = rows.value();
                if (!each.test(LatestRow.decode(key, value, value.length))) {
                    break;
                }
            }
            rows.status(); // an iterator ends at a bad block as if there were no more rows
        } catch (RocksDBException e) {
            throw new StorageException("a scan of the keys failed", e);
        }
    }

    @Override
    public final @Nullable Version at(Version newest, long revision) {
        Revision place = newest.line().oldestAfter(revision);
        while (true) {
            Engine.Row row = engine.get(Table.REVISIONS, options, place.toKey());
            if (row == null) {
                throw missing(place);
            }
            RevisionRow header = RevisionRow.decodeHeader(row.bytes(), row.length(), place.main());
            Revision previous = header.previous();
            if (previous == null) {
                return null;
            }
            if (previous.main() <= revision) {
                return load(previous);
            }
            Revision jump = header.jump();
            place = jump != null && jump.main() > revision ? jump : previous;
        }
    }

    /** The keys that belong to a lease, in their order. */
    final List<byte[]> keysOfLease(long id) {
        return LeaseRows.keys(engine, options, id);
    }

    /** The version before this one, null if there is none or it is compacted away. */
    final @Nullable Version before(Version version) {
        Revision place = version.revision();
        Engine.Row row = engine.get(Table.REVISIONS, options, place.toKey());
        if (row == null) {
            return null;
        }
        Revision previous = RevisionRow.decodeHeader(row.bytes(), row.length(), place.main())
                .previous();
        return previous == null ? null : load(previous);
    }

    /** Null if it is compacted away: then it was a tombstone, or nobody may ask for it. */
    final @Nullable Version load(Revision place) {
        Engine.Row row = engine.get(Table.REVISIONS, options, place.toKey());
        return row == null ? null : decode(row, place);
    }

    /** All changes, in their order. To be closed. */
    final RocksIterator revisions() {
        return engine.iterator(Table.REVISIONS, options);
    }

    static Version decode(Engine.Row row, Revision place) {
        RevisionRow header = RevisionRow.decodeHeader(row.bytes(), row.length(), place.main());
        return KeyValueCodec.decode(header.pair(row.bytes(), row.length()), place.sub());
    }

    @Override
    public final byte[] pair(Version version) {
        byte[] known = version.pair();
        if (known != null) {
            return known;
        }
        byte[] pair = pair(engine, options, version);
        if (pair == null) {
            throw missing(version.revision());
        }
        return pair;
    }

    /** Null if the version was superseded and compacted away meanwhile. */
    static byte @Nullable [] pair(Engine engine, ReadOptions options, Version version) {
        Engine.Row row = engine.get(Table.REVISIONS, options, version.revision().toKey());
        return row == null
                ? null
                : RevisionRow.decodeHeader(row.bytes(), row.length(), version.mod())
                        .pair(row.bytes(), row.length());
    }

    private static StorageException missing(Revision place) {
        return new StorageException("revision " + place.main() + "." + place.sub()
                + " is missing in the store although it is not compacted: the store is damaged");
    }
}
