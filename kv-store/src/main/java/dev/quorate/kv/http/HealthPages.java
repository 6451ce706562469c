package dev.quorate.kv.http;

import com.google.gson.JsonObject;
import dev.quorate.kv.api.AlarmType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code /health}, {@code /livez} and {@code /readyz}, as etcd has them: a probe tries what a client would do. It needs no login, and tells
 * nothing but how the server is.
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
    private static final String TOO_LATE = "no answer within " + DEADLINE_SECONDS + " s";

    private final Health server;

    public HealthPages(Health server) {
        this.server = server;
    }

    /** {@code /health?serializable=true&exclude=NOSPACE}. */
    @SuppressWarnings("FutureReturnValueIgnored") // the exchange gets the answer
    void health(Exchange exchange) {
        boolean isSerializable = "true".equals(exchange.request().parameter("serializable"));
        List<String> excluded = exchange.request().query().getOrDefault("exclude", List.of());
        reason(isSerializable, excluded).thenAccept(reason -> {
            JsonObject document = new JsonObject();
            document.addProperty("health", Boolean.toString(reason.isEmpty()));
            document.addProperty("reason", reason);
            exchange.json(reason.isEmpty() ? 200 : 503, document.toString(), null);
        });
    }

    private CompletableFuture<String> reason(boolean isSerializable, List<String> excluded) {
        for (AlarmType alarm : server.alarms()) {
            if (!excluded.contains(alarm.name())) {
                return CompletableFuture.completedFuture("ALARM " + alarm.name());
            }
        }
        if (!isSerializable && !server.hasLeader()) {
            return CompletableFuture.completedFuture("RAFT NO LEADER");
        }
        String what = isSerializable ? "RANGE ERROR:" : "QGET ERROR:";
        return read(isSerializable).thenApply(failure -> failure.isEmpty() ? OK : what + failure);
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
                results.put(check, check(check));
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
                CompletableFuture.completedFuture(
                        server.alarms().contains(AlarmType.CORRUPT) ? "alarm activated: CORRUPT" : OK);
            default -> throw new IllegalArgumentException("no check " + name);
        };
    }

    /** Completes with what failed. */
    private CompletableFuture<String> read(boolean isSerializable) {
        return server.read(isSerializable).completeOnTimeout(TOO_LATE, DEADLINE_SECONDS, TimeUnit.SECONDS);
    }
}
