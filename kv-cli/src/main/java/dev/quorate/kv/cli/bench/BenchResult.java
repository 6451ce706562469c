package dev.quorate.kv.cli.bench;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What a load did.
 *
 * @param operations requests that succeeded in the measured part
 * @param latencyNanos of those. A closed loop sends less while the servers are slow, and this is not corrected for that
 * @param definiteErrors requests that certainly did not happen
 * @param indefiniteErrors requests whose outcome is unknown
 * @param missing gets of a key that was not there
 * @param firstError one of the failures, in words; null if there was none
 * @param clientCpuNanos CPU time of this process in the measured part
 * @param serverCpuNanos CPU time of the servers, null if they are not on this machine
 */
public record BenchResult(
        String target,
        double seconds,
        long operations,
        Histogram latencyNanos,
        long definiteErrors,
        long indefiniteErrors,
        long missing,
        @Nullable String firstError,
        long clientCpuNanos,
        @Nullable Long serverCpuNanos) {

    public double operationsPerSecond() {
        return seconds > 0 ? operations / seconds : 0;
    }

    public double percentileMillis(double percentile) {
        return latencyNanos.getValueAtPercentile(percentile) / 1e6;
    }

    public double maxMillis() {
        return latencyNanos.getMaxValue() / 1e6;
    }

    public double clientCpuMicrosPerOperation() {
        return clientCpuNanos / 1e3 / operations;
    }

    /** Not a number if it is not known. */
    public double serverCpuMicrosPerOperation() {
        return serverCpuNanos == null ? Double.NaN : serverCpuNanos / 1e3 / operations;
    }
}
