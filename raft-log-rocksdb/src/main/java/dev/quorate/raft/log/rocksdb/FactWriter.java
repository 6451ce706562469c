package dev.quorate.raft.log.rocksdb;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.HardState;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** Puts one group's facts into a batch. */
final class FactWriter {

    private final long groupId;
    private final WriteBatch batch;
    private final ColumnFamilyHandle family;

    FactWriter(long groupId, WriteBatch batch, ColumnFamilyHandle family) {
        this.groupId = groupId;
        this.batch = batch;
        this.family = family;
    }

    void hardState(HardState state) throws RocksDBException {
        byte[] key = Keys.fact(groupId, Keys.HARD_STATE);
        batch.put(family, key, Facts.encodeHardState(key, state));
    }

    void base(Facts.Base base) throws RocksDBException {
        byte[] key = Keys.fact(groupId, Keys.BASE);
        batch.put(family, key, Facts.encodeBase(key, base));
    }

    void incarnation(long number) throws RocksDBException {
        byte[] key = Keys.fact(groupId, Keys.INCARNATION);
        batch.put(family, key, Facts.encodeNumber(key, number));
    }

    void damaged(boolean isDamaged) throws RocksDBException {
        byte[] key = Keys.fact(groupId, Keys.DAMAGED);
        if (isDamaged) {
            batch.put(family, key, Facts.encodeNumber(key, 1));
        } else {
            batch.delete(family, key);
        }
    }

    /** @param term null if no run begins at this index any more */
    void termRun(long firstIndex, @Nullable Long term) throws RocksDBException {
        byte[] key = Keys.fact(groupId, Keys.TERM_RUN, firstIndex);
        if (term == null) {
            batch.delete(family, key);
        } else {
            batch.put(family, key, Facts.encodeNumber(key, term));
        }
    }

    /** @param entry null if there is no membership at this index any more */
    void membership(long index, @Nullable Entry entry) throws RocksDBException {
        byte[] key = Keys.fact(groupId, Keys.MEMBERSHIP, index);
        if (entry == null) {
            batch.delete(family, key);
        } else {
            batch.put(family, key, Facts.encodeEntry(key, entry));
        }
    }
}
