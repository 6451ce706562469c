package dev.quorate.jepsen.client;

import dev.quorate.jepsen.history.Outcome;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import java.net.ConnectException;
import org.jspecify.annotations.Nullable;

/** Sorts failures into "nothing happened, and nothing will" and "who knows". When in doubt: who knows. */
final class Failures {

    /** Quorate says it itself, in the trailers: "definite" or "indefinite". */
    private static final Metadata.Key<String> OUTCOME =
            Metadata.Key.of("quorate-outcome", Metadata.ASCII_STRING_MARSHALLER);

    private Failures() {}

    /** What may be concluded from the failure of a request that could write. */
    static Outcome outcomeOfWrite(StatusRuntimeException failure) {
        Metadata trailers = failure.getTrailers();
        String said = trailers == null ? null : trailers.get(OUTCOME);
        if (said != null) {
            return said.equals("definite") ? Outcome.FAIL : Outcome.UNKNOWN;
        }
        if (neverSent(failure)) {
            return Outcome.FAIL;
        }
        return switch (failure.getStatus().getCode()) {
            // The server looked at the request and would not have it.
            case INVALID_ARGUMENT,
                    NOT_FOUND,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    PERMISSION_DENIED,
                    UNAUTHENTICATED,
                    UNIMPLEMENTED -> Outcome.FAIL;
            // The server's own limits refuse beforehand; gRPC's could refuse an answer.
            case RESOURCE_EXHAUSTED -> describe(failure).contains("etcdserver: ") ? Outcome.FAIL : Outcome.UNKNOWN;
            default -> Outcome.UNKNOWN;
        };
    }

    /** True if there was no connection to send the request on: nobody listens there. */
    static boolean neverSent(StatusRuntimeException failure) {
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException) {
                return true;
            }
        }
        return false;
    }

    static String describe(StatusRuntimeException failure) {
        @Nullable String description = failure.getStatus().getDescription();
        return failure.getStatus().getCode() + (description == null ? "" : ": " + description);
    }
}
