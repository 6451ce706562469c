package dev.quorate.kv.mvcc;

import dev.quorate.kv.api.RangeRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One part of a range that is answered in parts: reads on from a key, until there is enough for one message. */
final class PageQuery {

    /** Rows that one part looks at, so that it never holds a thread for long. */
    private static final int MAX_ROWS = 50_000;

    private final TableView view;
    private final RangeRequest request;
    private final long revision;
    private final long limit;
    private final long maxBytes;
    private final List<byte[]> pairs = new ArrayList<>();
    private long bytes;
    private long count;
    private long rows;
    private boolean more;
    private byte @Nullable [] next;

    private PageQuery(TableView view, RangeRequest request, long revision, long limit, long maxBytes) {
        this.view = view;
        this.request = request;
        this.revision = revision;
        this.limit = limit;
        this.maxBytes = maxBytes;
    }

    /**
     * @param request its key is where the whole range begins
     * @param from where this part begins
     * @param limit how many pairs are still wanted, {@link Long#MAX_VALUE} for all
     */
    static RangePage run(TableView view, RangeRequest request, byte[] from, long limit, long maxBytes)
            throws KvException {
        long revision = RangeQuery.revision(view.state(), request);
        PageQuery query = new PageQuery(view, request, revision, limit, maxBytes);
        KeyRange range = KeyRange.of(request.getKey(), request.getRangeEnd());
        if (range.isSingle()) {
            Version newest = view.newest(range.from());
            if (newest != null) {
                query.accept(newest);
            }
            query.next = null;
        } else {
            view.scanWhile(new KeyRange(from, range.to(), false), query::accept);
        }
        return new RangePage(
                query.pairs,
                query.count,
                query.more,
                query.next,
                revision,
                view.state().revision());
    }

    /** Returns false when this part is full. */
    private boolean accept(Version newest) {
        rows++;
        Version version = newest.mod() > revision ? view.at(newest, revision) : newest;
        if (version != null && !version.isTombstone()) {
            count++;
            take(version);
        }
        if (bytes < maxBytes && rows < MAX_ROWS) {
            return true;
        }
        byte[] key = newest.key();
        next = Arrays.copyOf(key, key.length + 1); // with a zero byte behind it: the first key after
        return false;
    }

    private void take(Version version) {
        if (request.getCountOnly()) {
            return;
        } else if (pairs.size() >= limit) {
            more = true;
            return;
        }
        byte[] pair = request.getKeysOnly() ? version.pairWithoutValue() : view.pair(version);
        bytes += pair.length;
        pairs.add(pair);
    }
}
