package dev.quorate.kv.mvcc;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a range, in the order of keys.
 *
 * @param pairs mvccpb.KeyValue messages as bytes; not to be written to
 * @param count keys that this part has looked at, whatever the limit says
 * @param more whether the limit cut pairs off
 * @param next where the next part begins, null if this is the last one
 * @param revision the revision that was read: that of every further part
 * @param newest the store's revision when it was read
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record RangePage(
        List<byte[]> pairs, long count, boolean more, byte @Nullable [] next, long revision, long newest) {}
