package dev.quorate.kv.mvcc;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.Compare;
import dev.quorate.kv.api.Compare.CompareTarget;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The comparisons that decide which branch of a transaction is taken. */
final class Guards {

    private static final byte[] NO_KEY = new byte[0];
    /** What a missing key is compared as: every number 0. */
    private static final Version MISSING = new Version(NO_KEY, 0, 0, 0, 0, 0, null, null);

    private Guards() {}

    static boolean hold(List<Compare> guards, View view) {
        for (Compare guard : guards) {
            if (!holds(guard, view)) {
                return false;
            }
        }
        return true;
    }

    /** A guard on a range must hold for every key in it; an empty range counts as one missing key. */
    private static boolean holds(Compare guard, View view) {
        KeyRange range = KeyRange.of(guard.getKey(), guard.getRangeEnd());
        if (range.isSingle()) {
            return holdsFor(guard, view, view.newest(range.from()));
        }
        boolean[] found = {false};
        boolean[] holds = {true};
        view.scan(range, version -> {
            if (holds[0] && !version.isTombstone()) {
                found[0] = true;
                holds[0] = holdsFor(guard, view, version);
            }
        });
        return found[0] ? holds[0] : holdsFor(guard, view, null);
    }

    private static boolean holdsFor(Compare guard, View view, @Nullable Version version) {
        boolean exists = version != null && !version.isTombstone();
        if (guard.getTarget() == CompareTarget.VALUE && !exists) {
            return false; // a missing value differs from every value, and does not even differ from it
        }
        int order = order(guard, view, version != null && exists ? version : MISSING);
        return switch (guard.getResult()) {
            case EQUAL -> order == 0;
            case NOT_EQUAL -> order != 0;
            case GREATER -> order > 0;
            case LESS -> order < 0;
            case UNRECOGNIZED -> true; // as etcd does
        };
    }

    private static int order(Compare guard, View view, Version version) {
        return switch (guard.getTarget()) {
            case VALUE -> compareValue(view.pair(version), guard.getValue());
            case VERSION -> Long.compare(version.version(), guard.getVersion());
            case CREATE -> Long.compare(version.create(), guard.getCreateRevision());
            case MOD -> Long.compare(version.mod(), guard.getModRevision());
            case LEASE -> Long.compare(version.lease(), guard.getLease());
            case UNRECOGNIZED -> 0; // as etcd does
        };
    }

    private static int compareValue(byte[] pair, ByteString other) {
        KeyValueCodec.ValueSlice value = KeyValueCodec.value(pair);
        byte[] bytes = other.toByteArray();
        return Arrays.compareUnsigned(pair, value.offset(), value.offset() + value.length(), bytes, 0, bytes.length);
    }
}
