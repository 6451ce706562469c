package dev.quorate.jepsen.checker;

import dev.quorate.jepsen.history.Seen;
import dev.quorate.jepsen.history.Step;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** Writes histories of one key the way the papers draw them: one line a call, from and to. */
@NullMarked
final class Calls {

    private static final String KEY = "x";

    private final List<KeyCall> calls = new ArrayList<>();

    List<KeyCall> list() {
        return calls;
    }

    private Calls add(long from, long to, Step step) {
        calls.add(new KeyCall(calls.size(), "n1", from, to, step));
        return this;
    }

    Calls put(long from, long to, String value) {
        return add(from, to, new Step.Put(KEY, value, null));
    }

    Calls unknownPut(long from, String value) {
        return put(from, KeyCall.NEVER, value);
    }

    Calls delete(long from, long to, @Nullable String was) {
        return add(from, to, new Step.Delete(KEY, seen(was)));
    }

    Calls unknownDelete(long from) {
        return add(from, KeyCall.NEVER, new Step.Delete(KEY, null));
    }

    Calls read(long from, long to, @Nullable String value) {
        return add(from, to, new Step.Read(KEY, seen(value)));
    }

    Calls cas(long from, long to, @Nullable String expected, String value) {
        return add(from, to, new Step.Cas(KEY, expected, value, true, null));
    }

    Calls refusedCas(long from, long to, @Nullable String expected, String value, @Nullable String was) {
        return add(from, to, new Step.Cas(KEY, expected, value, false, seen(was)));
    }

    Calls blindlyRefusedCas(long from, long to, @Nullable String expected, String value) {
        return add(from, to, new Step.Cas(KEY, expected, value, false, null));
    }

    Calls unknownCas(long from, @Nullable String expected, String value) {
        return add(from, KeyCall.NEVER, new Step.Cas(KEY, expected, value, null, null));
    }

    /** The checker compares values; revisions do not matter to it. */
    private static Seen seen(@Nullable String value) {
        return value == null ? Seen.ABSENT : new Seen(value, 1);
    }
}
