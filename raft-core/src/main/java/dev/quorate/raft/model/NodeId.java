package dev.quorate.raft.model;

import java.util.Objects;

/**
 * The name of one member of a group, unique within the group for all time.
 *
 * @param value 1 to 64 characters out of {@code [A-Za-z0-9._-]}
 */
public record NodeId(String value) implements Comparable<NodeId> {

    /** The longest name, in characters: it travels in every handshake and in every membership entry. */
    public static final int MAX_LENGTH = 64;

    /** Checks the characters and the length. */
    public NodeId {
        Objects.requireNonNull(value, "value");
        if (value.isEmpty() || value.length() > MAX_LENGTH || !value.chars().allMatch(NodeId::isAllowed)) {
            throw new IllegalArgumentException("node name '" + value + "' is not usable: it must have 1 to "
                    + MAX_LENGTH + " characters, each a letter, a digit, '.', '_' or '-'");
        }
    }

    /** The member of this name. */
    public static NodeId of(String value) {
        return new NodeId(value);
    }

    private static boolean isAllowed(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == '-';
    }

    @Override
    public int compareTo(NodeId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
