package dev.quorate.jepsen.history;

import org.jspecify.annotations.Nullable;

/**
 * What one request does to one key. A request of several steps does all of them at one moment.
 *
 * <p>{@code seen} is what the answer showed of the key <em>just before</em> the step took effect; null if the request did
 * not ask, or was not answered.
 */
public sealed interface Step {

    String key();

    @Nullable
    Seen seen();

    /** Reads the key. */
    record Read(String key, @Nullable Seen seen) implements Step {}

    /** Writes, whatever was there. Every value is written by one step of a run only: the checkers build on that. */
    record Put(String key, String value, @Nullable Seen seen) implements Step {}

    /** Deletes, whatever was there. */
    record Delete(String key, @Nullable Seen seen) implements Step {}

    /**
     * Writes if the key has the expected value.
     *
     * @param expected null if the key is expected to be absent
     * @param applied whether the comparison held; null if the request was not answered
     */
    record Cas(
            String key,
            @Nullable String expected,
            String value,
            @Nullable Boolean applied,
            @Nullable Seen seen) implements Step {}
}
