package dev.quorate.kv.command;

import com.google.protobuf.ByteString;
import java.util.Comparator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** A set of keys, as intervals that do not touch each other. An interval is [from, to), or has an open end. */
final class KeyIntervals {

    static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();

    /** Not a key: stands for an end after every key, and is recognised by its identity. */
    private static final ByteString OPEN = ByteString.copyFrom(new byte[] {0});

    private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});

    private final NavigableMap<ByteString, ByteString> ends = new TreeMap<>(ORDER);

    /** Adds the keys that a request with this key and range end means. */
    void addRange(ByteString key, ByteString rangeEnd) {
        if (rangeEnd.isEmpty()) {
            add(key, key.concat(ZERO)); // no key stands between a key and the same with a zero behind it
        } else if (rangeEnd.equals(ZERO)) {
            add(key, OPEN);
        } else if (ORDER.compare(key, rangeEnd) < 0) {
            add(key, rangeEnd);
        }
    }

    void addAll(KeyIntervals others) {
        others.ends.forEach(this::add);
    }

    private void add(ByteString from, ByteString to) {
        ByteString start = from;
        ByteString end = to;
        Map.Entry<ByteString, ByteString> before = ends.floorEntry(from);
        if (before != null && isAfter(before.getValue(), from)) {
            start = before.getKey();
            end = later(end, before.getValue());
        }
        Map.Entry<ByteString, ByteString> next = ends.ceilingEntry(start);
        while (next != null && isAfter(end, next.getKey())) {
            end = later(end, next.getValue());
            ends.remove(next.getKey());
            next = ends.ceilingEntry(start);
        }
        ends.put(start, end);
    }

    boolean contains(ByteString key) {
        Map.Entry<ByteString, ByteString> before = ends.floorEntry(key);
        return before != null && isAfter(before.getValue(), key);
    }

    @SuppressWarnings("ReferenceEquality") // OPEN has the bytes of a key
    private static boolean isAfter(ByteString end, ByteString key) {
        return end == OPEN || ORDER.compare(end, key) > 0;
    }

    @SuppressWarnings("ReferenceEquality") // OPEN has the bytes of a key
    private static ByteString later(ByteString a, ByteString b) {
        return a == OPEN || (b != OPEN && ORDER.compare(a, b) > 0) ? a : b;
    }
}
