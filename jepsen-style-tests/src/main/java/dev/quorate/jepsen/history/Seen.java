package dev.quorate.jepsen.history;

import org.jspecify.annotations.Nullable;

/**
 * What a client was shown of a key.
 *
 * @param value null if the key was absent
 * @param modRevision the revision that wrote the value; 0 if the key was absent
 */
public record Seen(@Nullable String value, long modRevision) {

    public static final Seen ABSENT = new Seen(null, 0);

    public Seen {
        if ((value == null) != (modRevision == 0)) {
            throw new IllegalArgumentException("an absent key has revision 0 and a present one has not, but value is "
                    + value + " and modRevision is " + modRevision);
        }
    }

    @Override
    public String toString() {
        return value == null ? "absent" : value + "@" + modRevision;
    }
}
