package dev.quorate.kv.mvcc;

import dev.quorate.kv.api.RangeRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the newest version of one key without a RocksDB snapshot.
 *
 * <p>Why that is right: let {@code r} be the revision announced before the read. The newest version found is at the most as
 * new as what is being written now. If its revision is not after {@code r}, nothing came between, and it is the state at
 * {@code r}. A deletion leaves a tombstone, so that this holds for missing keys as well; only compaction removes
 * tombstones, and only those before the compacted revision, which is checked afterwards.
 */
final class PointRead {

    private PointRead() {}

    static boolean serves(RangeRequest request) {
        return request.getRangeEnd().isEmpty()
                && request.getRevision() <= 0
                && !request.getCountOnly()
                && request.getMinModRevision() == 0
                && request.getMaxModRevision() == 0
                && request.getMinCreateRevision() == 0
                && request.getMaxCreateRevision() == 0;
    }

    /** Null if a write or a compaction came between: then the read needs a snapshot. */
    static @Nullable RangeResult run(MvccStore store, RangeRequest request) {
        byte[] key = request.getKey().toByteArray();
        State state = store.state();
        VersionCache cache = store.cache();
        Engine engine = store.engine();
        Version seen = cache.seen(key);
        Version cached = VersionCache.ifOf(key, seen);
        Version newest = cached != null ? cached : TableView.newest(engine, engine.readNewest(), key);
        if (newest == null) {
            return store.state().compacted() > state.revision() ? null : absent(state);
        }
        if (newest.mod() > state.revision()) {
            return null;
        }
        if (newest.isTombstone()) {
            return absent(state);
        }
        byte[] pair = newest.pair() != null ? newest.pair() : TableView.pair(engine, engine.readNewest(), newest);
        if (pair == null) {
            return null; // superseded and compacted away between the two reads
        }
        if (cached == null) {
            cache.offer(seen, newest.withPair(pair));
        }
        byte[] answer = request.getKeysOnly() ? newest.pairWithoutValue() : pair;
        return new RangeResult(List.of(answer), 1, false, state.revision());
    }

    private static RangeResult absent(State state) {
        return new RangeResult(List.of(), 0, false, state.revision());
    }
}
