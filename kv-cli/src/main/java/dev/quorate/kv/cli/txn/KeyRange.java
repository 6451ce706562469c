package dev.quorate.kv.cli.txn;

import com.google.protobuf.ByteString;
import dev.quorate.kv.cli.CliException;
import org.jspecify.annotations.Nullable;

/**
 * One key or a range of keys, as the protocol says it. Prefixes are a convention of the client, not of the protocol.
 *
 * @param end the first key after the range; empty means one key, {@code \0} every key from {@code key} on
 */
public record KeyRange(ByteString key, ByteString end) {

    private static final ByteString UNBOUNDED = ByteString.copyFrom(new byte[] {0});
    private static final int LAST_BYTE = 0xff;

    /**
     * @throws CliException (usage) if more than one of the three ways to say a range is used
     */
    public static KeyRange of(ByteString key, @Nullable ByteString end, boolean prefix, boolean fromKey) {
        if ((end != null ? 1 : 0) + (prefix ? 1 : 0) + (fromKey ? 1 : 0) > 1) {
            throw CliException.usage("choose one of END, --prefix and --from-key");
        }
        if (prefix) {
            return range(key, endOfPrefix(key));
        }
        if (fromKey) {
            return range(key, UNBOUNDED);
        }
        return end == null ? new KeyRange(key, ByteString.EMPTY) : range(key, end);
    }

    public boolean isSingleKey() {
        return end.isEmpty();
    }

    /** The protocol has no empty key: a range without a lower bound begins at {@code \0}. */
    private static KeyRange range(ByteString key, ByteString end) {
        return new KeyRange(key.isEmpty() ? UNBOUNDED : key, end);
    }

    /** Just after the last key with this prefix; a prefix of nothing or of 0xff only is followed by no key. */
    private static ByteString endOfPrefix(ByteString prefix) {
        for (int i = prefix.size() - 1; i >= 0; i--) {
            if ((prefix.byteAt(i) & 0xff) != LAST_BYTE) {
                byte[] end = prefix.substring(0, i + 1).toByteArray();
                end[i]++;
                return ByteString.copyFrom(end);
            }
        }
        return UNBOUNDED;
    }
}
