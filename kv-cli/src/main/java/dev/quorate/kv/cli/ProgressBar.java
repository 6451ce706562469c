package dev.quorate.kv.cli;

import dev.quorate.kv.cli.bench.Bench;
import java.io.PrintStream;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** How a load goes, on one line of a terminal that is written over and over. */
final class ProgressBar implements Bench.Progress {

    private static final int WIDTH = 24;
    private static final String ERASE_LINE = "\r\033[K";

    private final PrintStream out;
    private final boolean visible;

    /**
     * @param visible false where nobody watches: nothing is written then
     */
    ProgressBar(PrintStream out, boolean visible) {
        this.out = out;
        this.visible = visible;
    }

    @Override
    public void at(double share, double operationsPerSecond, Histogram interval) {
        if (visible) {
            int full = (int) (share * WIDTH);
            out.print(String.format(
                    Locale.ROOT,
                    "%s[%s%s] %3.0f %%  %,9.0f op/s  p99 %.2f ms",
                    ERASE_LINE,
                    "#".repeat(full),
                    ".".repeat(WIDTH - full),
                    share * 100,
                    operationsPerSecond,
                    interval.getValueAtPercentile(99) / 1e6));
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
