package dev.quorate.kv.http;

import dev.quorate.kv.metrics.Metrics;

/** {@code /metrics}, in Prometheus' text format. */
public final class MetricsPage implements Page {

    private final Metrics metrics;

    public MetricsPage(Metrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void serve(Exchange exchange) {
        exchange.reply(200, metrics.contentType(), metrics.toText(), null);
    }
}
