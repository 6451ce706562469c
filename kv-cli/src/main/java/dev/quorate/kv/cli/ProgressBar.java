package dev.quorate.kv.cli;

import dev.quorate.kv.cli.bench.Bench;
import java.io.PrintStream;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** How far something is, on one line of a terminal that is written over and over. */
final class ProgressBar implements Bench.Progress {

    private static final int WIDTH = 24;
    private static final String ERASE_LINE = "\r\033[K";

    private final PrintStream out;
    private final boolean visible;
    private int lastPercent = -1;

    /**
     * @param visible false where nobody watches: nothing is written then
     */
    ProgressBar(PrintStream out, boolean visible) {
        this.out = out;
        this.visible = visible;
    }

    @Override
    public void at(double share, double operationsPerSecond, Histogram interval) {
        draw(
                share,
                String.format(
                        Locale.ROOT,
                        "%,9.0f op/s  p99 %.2f ms",
                        operationsPerSecond,
                        interval.getValueAtPercentile(99) / 1e6));
    }

    /** How many bytes are done. */
    void at(long doneBytes, long totalBytes) {
        int percent = totalBytes <= 0 ? 100 : (int) (100 * doneBytes / totalBytes);
        if (percent != lastPercent) { // parts are small, and a terminal is slow
            lastPercent = percent;
            draw(percent / 100.0, Sizes.text(doneBytes) + " of " + Sizes.text(totalBytes));
        }
    }

    private void draw(double share, String figures) {
        if (visible) {
            int full = (int) (share * WIDTH);
            out.print(String.format(
                    Locale.ROOT,
                    "%s[%s%s] %3.0f %%  %s",
                    ERASE_LINE,
                    "#".repeat(full),
                    ".".repeat(WIDTH - full),
                    share * 100,
                    figures));
            out.flush();
        }
    }

    void clear() {
        if (visible) {
            out.print(ERASE_LINE);
            out.flush();
        }
    }
}
