package dev.quorate.kv.cli;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bytes for people. */
public final class Sizes {

    private static final long KIB = 1024;
    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB"};

    private static final Pattern TEXT = Pattern.compile("([0-9]{1,12})(B|KiB|MiB|GiB|TiB)?");

    private Sizes() {}

    /**
     * As in {@code 4096}, {@code 512KiB} or {@code 64MiB}.
     *
     * @throws IllegalArgumentException in one line that says how it is written
     */
    public static long parse(String text) {
        Matcher parts = TEXT.matcher(text.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no size; write 4096, 512KiB or 64MiB");
        }
        long bytes = Long.parseLong(parts.group(1));
        try {
            for (int i = 0; i <= List.of(UNITS).indexOf(String.valueOf(parts.group(2))); i++) {
                bytes = Math.multiplyExact(bytes, KIB);
            }
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("'" + text + "' is more than there is", e);
        }
        return bytes;
    }

    /** As in {@code 17 B}, {@code 3.4 KiB}: rounded down, to one decimal. */
    static String text(long bytes) {
        if (bytes < KIB) {
            return bytes + " B";
        }
        long unit = KIB;
        int i = 0;
        while (bytes / unit >= KIB && i + 1 < UNITS.length) {
            unit *= KIB;
            i++;
        }
        return bytes / unit + "." + bytes % unit * 10 / unit + " " + UNITS[i];
    }
}
