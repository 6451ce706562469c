package dev.quorate.kv.http;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.RuntimeMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * {@code /metrics}: Prometheus' text format, version 0.0.4. What etcd has under a name is here under the same one, so that dashboards
 * work. All of it is read when it is asked for; nothing is counted on the way of a request.
 */
public final class MetricsPage implements Page {

    private static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double MILLIS_PER_SECOND = 1e3;
    private static final long KIB = 1024;
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";

    private final Consumer<Lines> server;

    /** @param server adds what the server has to say; on a thread of the gateway */
    public MetricsPage(Consumer<Lines> server) {
        this.server = server;
    }

    /** What is to be said, line by line. */
    public static final class Lines {
        private final StringBuilder text = new StringBuilder();

        /** A number that goes up and down. */
        public void gauge(String name, String help, long value) {
            add(name, help, "gauge", "", Long.toString(value));
        }

        /** A number that only grows. */
        public void counter(String name, String help, long value) {
            add(name, help, "counter", "", Long.toString(value));
        }

        /** A one with something to tell in a label. */
        public void info(String name, String help, String label, String value) {
            add(name, help, "gauge", "{" + label + "=\"" + value + "\"}", "1");
        }

        private void seconds(String name, String help, String type, double value) {
            add(name, help, type, "", String.format(Locale.ROOT, "%.3f", value));
        }

        private void add(String name, String help, String type, String labels, String value) {
            text.append("# HELP ").append(name).append(' ').append(help).append('\n');
            text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
            text.append(name).append(labels).append(' ').append(value).append('\n');
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }

    @Override
    public void serve(Exchange exchange) {
        Lines lines = new Lines();
        server.accept(lines);
        process(lines);
        exchange.reply(200, CONTENT_TYPE, lines.toString(), null);
    }

    private static void process(Lines lines) {
        RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
        lines.seconds(
                "process_start_time_seconds",
                "When the process started, in seconds since 1970.",
                "gauge",
                runtime.getStartTime() / MILLIS_PER_SECOND);
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            lines.seconds(
                    "process_cpu_seconds_total",
                    "Processor time that the process has used.",
                    "counter",
                    system.getProcessCpuTime() / NANOS_PER_SECOND);
        }
        long resident = residentBytes();
        if (resident >= 0) {
            lines.gauge("process_resident_memory_bytes", "Memory that the process has.", resident);
        }
        lines.gauge(
                "jvm_memory_heap_used_bytes",
                "Heap in use, garbage included.",
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }

    /** -1 where the operating system does not tell. */
    private static long residentBytes() {
        try {
            for (String line : Files.readAllLines(STATUS, StandardCharsets.UTF_8)) {
                if (line.startsWith(RESIDENT)) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * KIB;
                }
            }
        } catch (IOException e) {
            return -1;
        }
        return -1;
    }
}
