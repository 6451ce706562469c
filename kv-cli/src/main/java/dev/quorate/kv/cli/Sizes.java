package dev.quorate.kv.cli;

/** Bytes for people. */
final class Sizes {

    private static final long KIB = 1024;
    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB"};

    private Sizes() {}

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
