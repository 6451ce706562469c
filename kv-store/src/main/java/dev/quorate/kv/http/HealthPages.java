package dev.quorate.kv.http;

import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import dev.quorate.kv.api.AlarmMember;
import dev.quorate.kv.api.AlarmRequest;
import dev.quorate.kv.api.AlarmResponse;
import dev.quorate.kv.api.AlarmType;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.MaintenanceGrpc;
import dev.quorate.kv.api.RangeRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code /health}, {@code /livez} and {@code /readyz}, as etcd has them: a probe tries what a client would do. It calls the services
 * in process; where users must log in, that they are asked for it shows that the server answers.
 */
public final class HealthPages {

    private static final long DEADLINE_SECONDS = 5;
    private static final String SERIALIZABLE_READ = "serializable_read";
    private static final String LINEARIZABLE_READ = "linearizable_read";
    private static final String DATA_CORRUPTION = "data_corruption";
    /** What must hold for a server that need not be restarted, and for one that should get requests. */
    private static final Map<String, List<String>> PROBES = Map.of(
            "/livez", List.of(SERIALIZABLE_READ),
            "/readyz", List.of(DATA_CORRUPTION, SERIALIZABLE_READ, LINEARIZABLE_READ));

    private static final String OK = "";

    private final Channel services;
    private final BooleanSupplier hasLeader;

    public HealthPages(Channel services, BooleanSupplier hasLeader) {
        this.services = services;
        this.hasLeader = hasLeader;
    }

    /** {@code /health?serializable=true&exclude=NOSPACE}. */
    @SuppressWarnings("FutureReturnValueIgnored") // the exchange gets the answer
    void health(Exchange exchange) {
        boolean isSerializable = "true".equals(exchange.request().parameter("serializable"));
        List<String> excluded = exchange.request().query().getOrDefault("exclude", List.of());
        alarms().thenCompose(alarms -> {
                    for (AlarmMember alarm : alarms) {
                        if (!excluded.contains(alarm.getAlarm().name())) {
                            return CompletableFuture.completedFuture(
                                    "ALARM " + alarm.getAlarm().name());
                        }
                    }
                    if (!isSerializable && !hasLeader.getAsBoolean()) {
                        return CompletableFuture.completedFuture("RAFT NO LEADER");
                    }
                    String what = isSerializable ? "RANGE ERROR:" : "QGET ERROR:";
                    return read(isSerializable).thenApply(failure -> failure.isEmpty() ? OK : what + failure);
                })
                .exceptionally(failure -> "INTERNAL ERROR:" + failure.getMessage())
                .thenAccept(reason -> {
                    JsonObject document = new JsonObject();
                    document.addProperty("health", Boolean.toString(reason.isEmpty()));
                    document.addProperty("reason", reason);
                    exchange.json(reason.isEmpty() ? 200 : 503, document.toString(), null);
                });
    }

    /** {@code /livez}, {@code /readyz}, or one check of them, such as {@code /readyz/linearizable_read}. */
    @Nullable
    Page probe(String path) {
        for (Map.Entry<String, List<String>> probe : PROBES.entrySet()) {
            String name = probe.getKey();
            if (path.equals(name)) {
                return exchange -> answer(exchange, name, probe.getValue());
            }
            for (String check : probe.getValue()) {
                if (path.equals(name + "/" + check)) {
                    return exchange -> answer(exchange, path, List.of(check));
                }
            }
        }
        return null;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the exchange gets the answer
    private void answer(Exchange exchange, String probe, List<String> checks) {
        List<String> excluded = exchange.request().query().getOrDefault("exclude", List.of());
        Map<String, CompletableFuture<String>> results = new TreeMap<>();
        for (String check : checks) {
            if (!excluded.contains(check)) {
                results.put(check, check(check).exceptionally(failure -> String.valueOf(failure.getMessage())));
            }
        }
        CompletableFuture.allOf(results.values().toArray(new CompletableFuture<?>[0]))
                .thenRun(() -> {
                    List<String> lines = new ArrayList<>();
                    boolean isGood = true;
                    for (String check : checks) {
                        CompletableFuture<String> result = results.get(check);
                        String failure = result == null ? OK : result.join();
                        isGood &= failure.isEmpty();
                        lines.add(
                                result == null
                                        ? "[+]" + check + " excluded: ok"
                                        : failure.isEmpty()
                                                ? "[+]" + check + " ok"
                                                : "[-]" + check + " failed: " + failure);
                    }
                    String all = lines.stream().collect(Collectors.joining("\n", "", "\n"));
                    boolean isVerbose = exchange.request().query().containsKey("verbose");
                    if (!isGood) {
                        exchange.text(503, all + probe + " check failed\n");
                    } else {
                        exchange.text(200, isVerbose ? all + probe + " check passed\n" : "ok\n");
                    }
                });
    }

    private CompletableFuture<String> check(String name) {
        return switch (name) {
            case SERIALIZABLE_READ -> read(true);
            case LINEARIZABLE_READ -> read(false);
            case DATA_CORRUPTION ->
                alarms().thenApply(alarms -> alarms.stream().anyMatch(alarm -> alarm.getAlarm() == AlarmType.CORRUPT)
                        ? "alarm activated: CORRUPT"
                        : OK);
            default -> throw new IllegalArgumentException("no check " + name);
        };
    }

    /** Completes with what failed. */
    private CompletableFuture<String> read(boolean isSerializable) {
        RangeRequest request = RangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("health"))
                .setSerializable(isSerializable)
                .setKeysOnly(true)
                .build();
        return call(KVGrpc.getRangeMethod(), request).handle((response, failure) -> {
            if (failure == null || asksForLogin(failure)) {
                return OK;
            }
            return String.valueOf(Status.fromThrowable(failure).getDescription());
        });
    }

    private static boolean asksForLogin(Throwable failure) {
        Status status = Status.fromThrowable(failure);
        return status.getCode() == Status.Code.PERMISSION_DENIED
                || "etcdserver: user name is empty".equals(status.getDescription());
    }

    /** None, from a server that does not have the method, or asks for a login first. */
    private CompletableFuture<List<AlarmMember>> alarms() {
        AlarmRequest request = AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.GET)
                .build();
        return call(MaintenanceGrpc.getAlarmMethod(), request)
                .thenApply(AlarmResponse::getAlarmsList)
                .exceptionally(failure -> List.of());
    }

    private <Q, A> CompletableFuture<A> call(MethodDescriptor<Q, A> method, Q request) {
        CompletableFuture<A> answer = new CompletableFuture<>();
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
        ClientCalls.asyncUnaryCall(services.newCall(method, options), request, new StreamObserver<A>() {
            @Override
            public void onNext(A message) {
                answer.complete(message);
            }

            @Override
            public void onError(Throwable failure) {
                answer.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {
                answer.completeExceptionally(new IllegalStateException("no answer")); // unless it was there before
            }
        });
        return answer;
    }
}
