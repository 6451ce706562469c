package dev.quorate.kv.metrics;

import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;

/** The metrics of one server; a process may have several. Threads: any. */
public final class Metrics {

    private static final double NANOS_PER_SECOND = 1e9;

    /** As etcd has them: from a millisecond to eight seconds, each twice the one before. */
    private static final double FIRST_BOUND_SECONDS = 0.001;

    private static final int BOUNDS = 14;

    /** The same for what crosses the network: from a tenth of a millisecond to three seconds. */
    private static final double FIRST_SHORT_BOUND_SECONDS = 0.0001;

    private static final int SHORT_BOUNDS = 16;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
    private final CallMetrics calls = new CallMetrics(registry);

    /** Those of the process are in it from the beginning. */
    public Metrics() {
        JvmMetrics.builder().register(registry);
    }

    /** Calls of clients. */
    public CallMetrics calls() {
        return calls;
    }

    /** A number that goes up and down. */
    public void gauge(String name, String help, LongSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call((double) value.getAsLong()))
                .register(registry);
    }

    /** A number that only grows; its name ends in {@code _total}. */
    public void counter(String name, String help, LongSupplier value) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call((double) value.getAsLong()))
                .register(registry);
    }

    /** A one with something to tell in a label. */
    public void label(String name, String help, String label, String value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(label)
                .callback(callback -> callback.call(1, value))
                .register(registry);
    }

    /**
     * How long something takes.
     *
     * @return takes each duration, in nanoseconds
     */
    public LongConsumer durations(String name, String help) {
        DistributionDataPoint durations = Histogram.builder()
                .name(name)
                .help(help)
                .classicOnly()
                .classicExponentialUpperBounds(FIRST_BOUND_SECONDS, 2, BOUNDS)
                .withoutExemplars()
                .register(registry);
        return nanos -> durations.observe(nanos / NANOS_PER_SECOND);
    }

    /**
     * How long something takes, for each of several.
     *
     * @param label what they are called in the page
     * @return takes the one and its duration, in nanoseconds
     */
    public ObjLongConsumer<String> shortDurations(String name, String help, String label) {
        Histogram durations = Histogram.builder()
                .name(name)
                .help(help)
                .labelNames(label)
                .classicOnly()
                .classicExponentialUpperBounds(FIRST_SHORT_BOUND_SECONDS, 2, SHORT_BOUNDS)
                .withoutExemplars()
                .register(registry);
        return (which, nanos) -> durations.labelValues(which).observe(nanos / NANOS_PER_SECOND);
    }

    /** What a page is declared as that has {@link #toText}. */
    public String contentType() {
        return writer.getContentType();
    }

    /** All metrics as of now, as Prometheus reads them. */
    public byte[] toText() {
        try {
            ByteArrayOutputStream page = new ByteArrayOutputStream();
            writer.write(page, registry.scrape());
            return page.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("metrics could not be written to memory", e);
        }
    }
}
