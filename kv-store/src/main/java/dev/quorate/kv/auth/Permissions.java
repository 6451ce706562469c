package dev.quorate.kv.auth;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.Permission;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys that somebody may read, and those he may write: the union of all his permissions. A request is allowed if that
 * union has all of its keys, in whatever pieces it was granted.
 */
final class Permissions {

    private static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();
    private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

    private final List<Interval> readable;
    private final List<Interval> writable;

    /** @param to the first key that is outside, null if there is none */
    private record Interval(ByteString from, @Nullable ByteString to) {

        /** As etcd writes ranges: no end is one key, the end "\0" is everything from the key on. */
        static Interval of(ByteString key, ByteString end) {
            if (end.isEmpty()) {
                return new Interval(key, key.concat(ZERO));
            }
            return new Interval(key, end.equals(ZERO) ? null : end);
        }

        boolean isEmpty() {
            return to != null && ORDER.compare(from, to) >= 0;
        }

        boolean reaches(ByteString key) {
            return to == null || ORDER.compare(key, to) <= 0;
        }

        boolean has(Interval other) {
            return ORDER.compare(from, other.from) <= 0
                    && (to == null || (other.to != null && ORDER.compare(other.to, to) <= 0));
        }
    }

    private Permissions(List<Interval> readable, List<Interval> writable) {
        this.readable = readable;
        this.writable = writable;
    }

    static Permissions of(Iterable<Permission> granted) {
        List<Interval> readable = new ArrayList<>();
        List<Interval> writable = new ArrayList<>();
        for (Permission permission : granted) {
            Interval interval = Interval.of(permission.getKey(), permission.getRangeEnd());
            if (interval.isEmpty()) {
                continue;
            }
            if (permission.getPermType() != Permission.Type.WRITE) {
                readable.add(interval);
            }
            if (permission.getPermType() != Permission.Type.READ) {
                writable.add(interval);
            }
        }
        return new Permissions(merged(readable), merged(writable));
    }

    /** Disjoint, in order, with a gap between any two. */
    private static List<Interval> merged(List<Interval> intervals) {
        intervals.sort(Comparator.comparing(Interval::from, ORDER));
        List<Interval> merged = new ArrayList<>();
        for (Interval next : intervals) {
            Interval last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            if (last == null || !last.reaches(next.from())) {
                merged.add(next);
            } else if (last.to() != null && (next.to() == null || ORDER.compare(next.to(), last.to()) > 0)) {
                merged.set(merged.size() - 1, new Interval(last.from(), next.to()));
            }
        }
        return List.copyOf(merged);
    }

    boolean mayRead(ByteString key, ByteString end) {
        return covers(readable, Interval.of(key, end));
    }

    boolean mayWrite(ByteString key, ByteString end) {
        return covers(writable, Interval.of(key, end));
    }

    /** A range without any key needs a permission all the same: on its first key, so that it tells nothing. */
    private static boolean covers(List<Interval> granted, Interval asked) {
        Interval wanted = asked.isEmpty() ? Interval.of(asked.from(), ByteString.EMPTY) : asked;
        int low = 0;
        int high = granted.size() - 1;
        while (low <= high) { // the last one that does not begin after what is wanted
            int middle = (low + high) >>> 1;
            if (ORDER.compare(granted.get(middle).from(), wanted.from()) <= 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high >= 0 && granted.get(high).has(wanted);
    }
}
