package dev.quorate.kv.mvcc;

import com.google.protobuf.ByteString;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A checksum of what can be read of the keys up to a revision: equal on all members that have applied the same up to there and have
 * given up the same history, whatever each of them has removed from its tables.
 *
 * @param hash CRC-32C over the versions, by key, from the newest back to the one that is readable at the compacted revision
 * @param compacted the compacted revision as of the hash, -1 if nothing was ever compacted
 * @param hashed up to which revision it goes
 * @param revision the store's newest one as of the hash
 */
public record KvHash(int hash, long compacted, long hashed, long revision) {

    private static final KeyRange EVERYTHING =
            KeyRange.of(ByteString.copyFrom(new byte[1]), ByteString.copyFrom(new byte[1]));

    /** @param isGivenUp whether to stop with a {@link StoreClosedException}; asked for each key */
    static KvHash of(TableView view, long asked, BooleanSupplier isGivenUp) throws KvException {
        State state = view.state();
        if (asked > state.revision()) {
            throw new KvException(KvError.FUTURE_REVISION);
        }
        if (asked > 0 && asked < state.compacted()) {
            throw new KvException(KvError.COMPACTED);
        }
        long upTo = asked <= 0 ? state.revision() : asked;
        CRC32C hash = new CRC32C();
        view.scan(EVERYTHING, newest -> {
            if (isGivenUp.getAsBoolean()) {
                throw new StoreClosedException();
            }
            add(view, start(view, newest, upTo), state.compacted(), hash);
        });
        return new KvHash((int) hash.getValue(), state.compacted(), upTo, state.revision());
    }

    private static @Nullable Version start(TableView view, Version newest, long upTo) {
        return newest.mod() > upTo ? view.at(newest, upTo) : newest;
    }

    private static void add(TableView view, @Nullable Version start, long compacted, CRC32C hash) {
        for (Version version = start; version != null; version = view.before(version)) {
            boolean isOldest = version.mod() <= compacted;
            if (!(isOldest && version.isTombstone())) { // some members have removed it already
                hash.update(version.isTombstone() ? version.pairWithoutValue() : view.pair(version));
            }
            if (isOldest) {
                return;
            }
        }
    }
}
