package dev.quorate.kv.mvcc;

import org.jspecify.annotations.Nullable;

/**
 * One version of one key; a deletion is a version too, a tombstone. Immutable; its arrays are never written to.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Version(
        byte[] key,
        long mod,
        int sub,
        long create,
        long version,
        long lease,
        @Nullable Chain chain,
        byte @Nullable [] pair) {

    private static final byte[] NO_VALUE = new byte[0];

    /*
     * mod, sub     its revision
     * create       the main revision of the key's creation, 0 for a tombstone
     * version      the number of writes since the creation, 0 for a tombstone
     * chain        the way back to older versions; known at the newest version only
     * pair         the mvccpb.KeyValue as bytes, null if it was not read
     */

    static Version tombstone(byte[] key, Revision revision, Chain chain) {
        return new Version(key, revision.main(), revision.sub(), 0, 0, 0, chain, null);
    }

    boolean isTombstone() {
        return version == 0;
    }

    Revision revision() {
        return new Revision(mod, sub);
    }

    Version withPair(byte[] bytes) {
        return new Version(key, mod, sub, create, version, lease, chain, bytes);
    }

    Version withoutPair() {
        return pair == null ? this : new Version(key, mod, sub, create, version, lease, chain, null);
    }

    /** The mvccpb.KeyValue without its value. */
    byte[] pairWithoutValue() {
        return KeyValueCodec.encode(key, create, mod, version, lease, NO_VALUE, 0, 0);
    }

    /** The way back, of a newest version. */
    Chain line() {
        if (chain == null) {
            throw new StorageException("version " + mod + " is not a newest one and has no way back at hand");
        }
        return chain;
    }
}
