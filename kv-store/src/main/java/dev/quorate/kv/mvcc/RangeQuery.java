package dev.quorate.kv.mvcc;

import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeRequest.SortOrder;
import dev.quorate.kv.api.RangeRequest.SortTarget;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One range request against one view: filter, sort, limit, and only then load what is answered. */
final class RangeQuery {

    private final View view;
    private final RangeRequest request;
    private final long revision;
    private final long maxBytes;
    private final boolean inKeyOrder;
    private final List<Version> matches = new ArrayList<>();
    private long count;
    private long matched;

    private RangeQuery(View view, RangeRequest request, long revision, long maxBytes) {
        this.view = view;
        this.request = request;
        this.revision = revision;
        this.maxBytes = maxBytes;
        this.inKeyOrder = request.getSortTarget() == SortTarget.KEY && request.getSortOrder() != SortOrder.DESCEND;
    }

    /** @param maxBytes the most bytes of pairs to answer; more are refused */
    static RangeResult run(View view, RangeRequest request, long maxBytes) throws KvException {
        long revision = revision(view.state(), request);
        return new RangeQuery(view, request, revision, maxBytes).run();
    }

    /** The revision that a request means. */
    static long revision(State state, RangeRequest request) throws KvException {
        long asked = request.getRevision();
        if (asked <= 0) {
            return state.revision();
        }
        if (asked > state.revision()) {
            throw new KvException(KvError.FUTURE_REVISION);
        }
        if (asked < state.compacted()) {
            throw new KvException(KvError.COMPACTED);
        }
        return asked;
    }

    private RangeResult run() throws KvException {
        KeyRange range = KeyRange.of(request.getKey(), request.getRangeEnd());
        if (range.isSingle()) {
            Version newest = view.newest(range.from());
            if (newest != null) {
                accept(newest);
            }
        } else {
            view.scan(range, this::accept);
        }
        sort();
        long limit = request.getLimit();
        boolean more = limit > 0 && matched > limit;
        List<Version> answered = more ? matches.subList(0, (int) limit) : matches;
        return new RangeResult(load(answered), count, more, view.state().revision());
    }

    private void accept(Version newest) {
        Version version = newest.mod() > revision ? view.at(newest, revision) : newest;
        if (version == null || version.isTombstone()) {
            return;
        }
        count++;
        if (request.getCountOnly() || !isWithinBounds(version)) {
            return;
        }
        matched++;
        long limit = request.getLimit();
        if (!inKeyOrder || limit <= 0 || matched <= limit) {
            matches.add(version);
        }
    }

    private boolean isWithinBounds(Version version) {
        return isWithin(version.mod(), request.getMinModRevision(), request.getMaxModRevision())
                && isWithin(version.create(), request.getMinCreateRevision(), request.getMaxCreateRevision());
    }

    private static boolean isWithin(long value, long least, long most) {
        return (least == 0 || value >= least) && (most == 0 || value <= most);
    }

    /** etcd sorts ascending when a target other than the key is named without an order. */
    private void sort() {
        if (inKeyOrder) {
            return;
        }
        if (request.getSortTarget() == SortTarget.VALUE) {
            matches.replaceAll(version -> version.withPair(view.pair(version)));
        }
        Comparator<Version> ascending = comparator(request.getSortTarget());
        matches.sort(request.getSortOrder() == SortOrder.DESCEND ? ascending.reversed() : ascending);
    }

    private static Comparator<Version> comparator(SortTarget target) {
        return switch (target) {
            case KEY, UNRECOGNIZED -> (a, b) -> Arrays.compareUnsigned(a.key(), b.key());
            case VERSION -> Comparator.comparingLong(Version::version);
            case CREATE -> Comparator.comparingLong(Version::create);
            case MOD -> Comparator.comparingLong(Version::mod);
            case VALUE -> (a, b) -> compareValues(a.pair(), b.pair());
        };
    }

    private static int compareValues(byte @Nullable [] a, byte @Nullable [] b) {
        if (a == null || b == null) {
            throw new StorageException("a version was sorted by its value before that was read");
        }
        KeyValueCodec.ValueSlice x = KeyValueCodec.value(a);
        KeyValueCodec.ValueSlice y = KeyValueCodec.value(b);
        return Arrays.compareUnsigned(a, x.offset(), x.offset() + x.length(), b, y.offset(), y.offset() + y.length());
    }

    private List<byte[]> load(List<Version> versions) throws KvException {
        List<byte[]> pairs = new ArrayList<>(versions.size());
        long bytes = 0;
        for (Version version : versions) {
            byte[] pair = request.getKeysOnly() ? version.pairWithoutValue() : view.pair(version);
            bytes += pair.length;
            if (bytes > maxBytes) {
                throw new KvException(KvError.RESPONSE_TOO_LARGE);
            }
            pairs.add(pair);
        }
        return pairs;
    }
}
