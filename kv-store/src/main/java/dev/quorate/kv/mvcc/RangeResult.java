package dev.quorate.kv.mvcc;

import java.util.List;

/**
 * What a range request found.
 *
 * @param pairs mvccpb.KeyValue messages as bytes, in the order asked for; not to be written to
 * @param count all keys of the range, whatever limit and bounds of the request say
 * @param more whether the limit cut pairs off
 * @param revision the store's revision when it was read; the newest one, also for a read at an older revision
 */
public record RangeResult(List<byte[]> pairs, long count, boolean more, long revision) {}
