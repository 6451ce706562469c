package dev.quorate.raft.runtime;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One file of a snapshot. Two files with the same {@code sha256} are the same, whatever they are called and whoever has them:
 * that is what lets a receiver leave out what it holds.
 *
 * @param name relative to the snapshot's directory, with '/' between parts; 1 to 512 characters. It cannot lead out of the
 *     directory: no part is empty, "." or "..", and there is no control character, '\' or ':'
 * @param sizeBytes at least 0
 * @param sha256 of the content: 64 digits of lower-case hexadecimal
 */
public record SnapshotFile(String name, long sizeBytes, String sha256) {

    private static final int MAX_NAME_CHARS = 512;
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    /** @throws IllegalArgumentException if one of the three is not as said above */
    public SnapshotFile {
        String fault = faultOf(name);
        if (fault != null) {
            throw new IllegalArgumentException("snapshot file name '" + printable(name) + "' is refused: " + fault);
        }
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("snapshot file '" + name + "' cannot have " + sizeBytes + " bytes");
        }
        if (!HEX.matcher(sha256).matches()) {
            throw new IllegalArgumentException(
                    "snapshot file '" + name + "' has no SHA-256 in hexadecimal but '" + printable(sha256) + "'");
        }
    }

    private static @Nullable String faultOf(String name) {
        if (name.isEmpty() || name.length() > MAX_NAME_CHARS) {
            return "it must have 1 to " + MAX_NAME_CHARS + " characters";
        }
        if (name.chars().anyMatch(c -> c < ' ' || c == '\\' || c == ':')) {
            return "it must not contain control characters, '\\' or ':'";
        }
        for (String part : name.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                return "it must be relative, without empty parts, '.' and '..'";
            }
        }
        return null;
    }

    private static String printable(String text) {
        StringBuilder out = new StringBuilder();
        text.chars().limit(MAX_NAME_CHARS).forEach(c -> out.append(c >= ' ' && c <= '~' ? (char) c : '.'));
        return out.toString();
    }
}
