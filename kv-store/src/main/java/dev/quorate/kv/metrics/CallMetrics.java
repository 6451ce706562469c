package dev.quorate.kv.metrics;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Counts calls under the names of Go's gRPC middleware, as etcd does: begun, ended by code, and bytes. One object for each call, and
 * a few additions; what is not a method of ours is not counted, for its name is the caller's choice.
 */
public final class CallMetrics extends ServerStreamTracer.Factory {

    private static final ServerStreamTracer UNKNOWN = new ServerStreamTracer() {};

    private static final int CODES = Status.Code.values().length;

    private final Counter started;
    private final Counter handled;
    private final CounterDataPoint received;
    private final CounterDataPoint sent;
    private volatile Map<String, Method> methods = Map.of();

    CallMetrics(PrometheusRegistry registry) {
        started = Counter.builder()
                .name("grpc_server_started_total")
                .help("Calls that have begun.")
                .labelNames("grpc_type", "grpc_service", "grpc_method")
                .withoutExemplars()
                .register(registry);
        handled = Counter.builder()
                .name("grpc_server_handled_total")
                .help("Calls that have ended, well or not.")
                .labelNames("grpc_type", "grpc_service", "grpc_method", "grpc_code")
                .withoutExemplars()
                .register(registry);
        received = Counter.builder()
                .name("etcd_network_client_grpc_received_bytes_total")
                .help("Bytes of clients' gRPC messages.")
                .withoutExemplars()
                .register(registry);
        sent = Counter.builder()
                .name("etcd_network_client_grpc_sent_bytes_total")
                .help("Bytes of gRPC messages to clients.")
                .withoutExemplars()
                .register(registry);
    }

    /** Whose calls are to be counted. Before the first of them. */
    public void count(List<ServerServiceDefinition> services) {
        Map<String, Method> known = new HashMap<>();
        services.forEach(service -> service.getMethods().forEach(method -> {
            MethodDescriptor<?, ?> descriptor = method.getMethodDescriptor();
            known.put(descriptor.getFullMethodName(), new Method(descriptor));
        }));
        methods = Map.copyOf(known);
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        Method method = methods.get(fullMethodName);
        return method == null ? UNKNOWN : method.begin();
    }

    /** One method's counters. */
    private final class Method {
        private final CounterDataPoint begun;
        private final CounterDataPoint[] ended = new CounterDataPoint[CODES];

        Method(MethodDescriptor<?, ?> descriptor) {
            String type = label(descriptor.getType());
            String service = Objects.requireNonNullElse(descriptor.getServiceName(), "");
            String name = Objects.requireNonNullElse(descriptor.getBareMethodName(), "");
            begun = started.labelValues(type, service, name);
            // Each is there from the beginning, with 0: a rate cannot be told from a counter's first value.
            Arrays.setAll(ended, code -> handled.labelValues(type, service, name, label(Status.fromCodeValue(code))));
        }

        ServerStreamTracer begin() {
            begun.inc();
            return new ServerStreamTracer() {
                @Override
                public void inboundUncompressedSize(long bytes) {
                    received.inc(bytes);
                }

                @Override
                public void outboundUncompressedSize(long bytes) {
                    sent.inc(bytes);
                }

                @Override
                public void streamClosed(Status status) {
                    ended[status.getCode().value()].inc();
                }
            };
        }
    }

    private static String label(MethodType type) {
        return switch (type) {
            case UNARY -> "unary";
            case CLIENT_STREAMING -> "client_stream";
            case SERVER_STREAMING -> "server_stream";
            case BIDI_STREAMING, UNKNOWN -> "bidi_stream";
        };
    }

    /** As Go writes codes: {@code InvalidArgument}. */
    private static String label(Status status) {
        StringBuilder label = new StringBuilder();
        if (status.getCode() == Status.Code.OK) {
            return "OK";
        }
        for (String word : status.getCode().name().split("_", -1)) {
            label.append(word.charAt(0)).append(word.substring(1).toLowerCase(java.util.Locale.ROOT));
        }
        return label.toString();
    }
}
