package dev.quorate.kv.metrics;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts calls under the names of Go's gRPC middleware, as etcd does: begun, ended by code, and bytes. It costs a call some
 * additions and no object. What is not a method of ours is not counted, for its name is the caller's choice.
 */
public final class CallMetrics extends ServerStreamTracer.Factory {

    private static final ServerStreamTracer UNKNOWN = new ServerStreamTracer() {};

    private static final Status.Code[] CODES = Status.Code.values();

    private final LongAdder receivedBytes = new LongAdder();
    private final LongAdder sentBytes = new LongAdder();
    private volatile Map<String, Method> methods = Map.of();

    CallMetrics(PrometheusRegistry registry) {
        CounterWithCallback.builder()
                .name("grpc_server_started_total")
                .help("Calls that have begun.")
                .labelNames("grpc_type", "grpc_service", "grpc_method")
                .callback(row -> methods.values()
                        .forEach(method ->
                                row.call((double) method.begun.sum(), method.type, method.service, method.name)))
                .register(registry);
        CounterWithCallback.builder()
                .name("grpc_server_handled_total")
                .help("Calls that have ended, well or not.")
                .labelNames("grpc_type", "grpc_service", "grpc_method", "grpc_code")
                .callback(this::handled)
                .register(registry);
        CounterWithCallback.builder()
                .name("etcd_network_client_grpc_received_bytes_total")
                .help("Bytes of clients' gRPC messages.")
                .callback(row -> row.call((double) receivedBytes.sum()))
                .register(registry);
        CounterWithCallback.builder()
                .name("etcd_network_client_grpc_sent_bytes_total")
                .help("Bytes of gRPC messages to clients.")
                .callback(row -> row.call((double) sentBytes.sum()))
                .register(registry);
    }

    /** Each code is there from the beginning, with 0: a rate cannot be told from a counter's first value. */
    private void handled(CounterWithCallback.Callback row) {
        for (Method method : methods.values()) {
            for (Status.Code code : CODES) {
                row.call(
                        (double) method.ended[code.value()].sum(),
                        method.type,
                        method.service,
                        method.name,
                        label(code));
            }
        }
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
        return Objects.requireNonNullElse(methods.get(fullMethodName), UNKNOWN);
    }

    /** One method's counters; they need to know nothing of a call, so one object serves them all. */
    private final class Method extends ServerStreamTracer {
        private final String type;
        private final String service;
        private final String name;
        private final LongAdder begun = new LongAdder();
        private final LongAdder[] ended = new LongAdder[CODES.length];

        Method(MethodDescriptor<?, ?> descriptor) {
            type = label(descriptor.getType());
            service = Objects.requireNonNullElse(descriptor.getServiceName(), "");
            name = Objects.requireNonNullElse(descriptor.getBareMethodName(), "");
            Arrays.setAll(ended, code -> new LongAdder());
        }

        @Override
        public void serverCallStarted(ServerCallInfo<?, ?> call) {
            begun.increment();
        }

        @Override
        public void inboundUncompressedSize(long bytes) {
            receivedBytes.add(bytes);
        }

        @Override
        public void outboundUncompressedSize(long bytes) {
            sentBytes.add(bytes);
        }

        @Override
        public void streamClosed(Status status) {
            ended[status.getCode().value()].increment();
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
    private static String label(Status.Code code) {
        if (code == Status.Code.OK) {
            return "OK";
        }
        StringBuilder label = new StringBuilder();
        for (String word : code.name().split("_", -1)) {
            label.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return label.toString();
    }
}
