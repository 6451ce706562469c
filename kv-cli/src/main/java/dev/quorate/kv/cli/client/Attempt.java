package dev.quorate.kv.cli.client;

import io.grpc.Status;
import io.netty.handler.ssl.NotSslRecordException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** How one endpoint answered. */
record Attempt<R>(
        Endpoint endpoint,
        Status status,
        Outcome outcome,
        boolean sent,
        @Nullable R response) {

    /** gRPC says so of a connection that ends before HTTP/2 has begun. */
    private static final String CLOSED = "Network closed for unknown reason";

    /** What another endpoint may do: it may be the leader, or a voter. */
    private static final Set<String> NOT_HERE =
            Set.of("etcdserver: not leader", "etcdserver: rpc not supported for learner");

    boolean mayAskAnother(boolean read) {
        return switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED -> read || outcome == Outcome.DEFINITE;
            case FAILED_PRECONDITION ->
                outcome == Outcome.DEFINITE && NOT_HERE.contains(String.valueOf(status.getDescription()));
            default -> !sent;
        };
    }

    String describe() {
        return endpoint + ": " + reason();
    }

    private String reason() {
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException) {
                return "connection refused";
            }
            if (cause instanceof UnknownHostException) {
                return "unknown host";
            }
            if (cause instanceof NotSslRecordException) {
                return "it does not speak TLS; leave out https://";
            }
            if (cause instanceof SSLException) {
                return "TLS fails: " + cause.getMessage() + " (--cacert says whom to trust, --cert and --key who asks)";
            }
        }
        return switch (status.getCode()) {
            case DEADLINE_EXCEEDED, CANCELLED -> sent ? "no answer in time" : "no connection in time";
            default -> {
                String description = status.getDescription();
                String text = description == null ? status.getCode().toString() : description;
                if (CLOSED.equals(text) && !endpoint.tls()) {
                    yield "it closed the connection; does it want TLS, https://" + endpoint + "?";
                }
                yield Objects.requireNonNull(text).lines().findFirst().orElse("");
            }
        };
    }

    /** What the caller is told when nobody answered. */
    static CallFailedException nobodyAnswered(List<String> failures) {
        String all = String.join("; ", failures);
        String hint = failures.size() == 1 ? all : "no endpoint could answer: " + all;
        return new CallFailedException(Outcome.DEFINITE, Status.Code.UNAVAILABLE, hint);
    }
}
