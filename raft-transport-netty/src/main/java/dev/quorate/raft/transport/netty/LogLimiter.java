package dev.quorate.raft.transport.netty;

import java.util.function.Consumer;

/**
 * Lets a few lines through in each period and counts the rest, so that a flood of bad connections neither fills the log nor
 * hides that it happened. Any thread.
 */
final class LogLimiter {

    private final int linesPerPeriod;
    private final long periodNanos;
    private long periodStart;
    private int lines;
    private long suppressed;

    LogLimiter(int linesPerPeriod, long periodNanos, long nowNanos) {
        this.linesPerPeriod = linesPerPeriod;
        this.periodNanos = periodNanos;
        this.periodStart = nowNanos;
    }

    synchronized void log(String line, long nowNanos, Consumer<String> sink) {
        if (nowNanos - periodStart >= periodNanos) {
            periodStart = nowNanos;
            lines = 0;
        }
        if (lines >= linesPerPeriod) {
            suppressed++;
            return;
        }
        lines++;
        sink.accept(suppressed == 0 ? line : line + " (and " + suppressed + " such lines were not shown)");
        suppressed = 0;
    }
}
