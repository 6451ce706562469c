package dev.quorate.kv.mvcc;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The store at one moment. Used by one thread. */
interface View {

    State state();

    /** The newest version of a key, which may be a tombstone; null if there is none. */
    @Nullable
    Version newest(byte[] key);

    /** Every key's newest version, tombstones too, in the order of the keys. The range is not a single key. */
    void scan(KeyRange range, Consumer<Version> each);

    /**
     * The version that was the newest at a revision, null if there was none. It may be a tombstone.
     *
     * @param newest a newest version that is later than {@code revision}
     * @param revision not below the compacted revision
     */
    @Nullable
    Version at(Version newest, long revision);

    /** The mvccpb.KeyValue of a version that is no tombstone. */
    byte[] pair(Version version);
}
