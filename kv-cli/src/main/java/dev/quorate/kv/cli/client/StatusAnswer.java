package dev.quorate.kv.cli.client;

import org.jspecify.annotations.Nullable;

/**
 * What came of asking one server how it is.
 *
 * @param status null if it did not answer
 * @param error why it did not, in one line; empty if it did
 */
public record StatusAnswer(Endpoint endpoint, @Nullable ServerStatus status, String error) {

    /** The word for its role in tables and JSON. */
    public String role() {
        return status == null ? "down" : status.role().name();
    }
}
