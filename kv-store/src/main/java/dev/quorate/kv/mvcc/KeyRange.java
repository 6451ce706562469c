package dev.quorate.kv.mvcc;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The keys that a request means, as etcd writes them: a key alone is that key; with an end it is [key, end); the end "\0" means
 * everything from the key on.
 *
 * @param from the first key
 * @param to the first key that is not meant any more, null if there is none
 * @param isSingle whether {@code from} is the only one
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record KeyRange(byte[] from, byte @Nullable [] to, boolean isSingle) {

    public static KeyRange of(ByteString key, ByteString end) {
        byte[] from = key.toByteArray();
        if (end.isEmpty()) {
            return new KeyRange(from, null, true);
        }
        boolean toTheEnd = end.size() == 1 && end.byteAt(0) == 0;
        return new KeyRange(from, toTheEnd ? null : end.toByteArray(), false);
    }

    /** Whether a key is meant. */
    public boolean contains(byte[] key) {
        return isSingle ? Arrays.equals(from, key) : Arrays.compareUnsigned(from, key) <= 0 && reaches(key);
    }

    /** Whether no key is meant. */
    public boolean isEmpty() {
        return !isSingle && !reaches(from);
    }

    /** Whether a key that is not before {@code from} is not after the range either. */
    public boolean reaches(byte[] key) {
        return to == null || Arrays.compareUnsigned(key, to) < 0;
    }
}
