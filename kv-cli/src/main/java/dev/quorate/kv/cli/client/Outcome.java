package dev.quorate.kv.cli.client;

import io.grpc.Metadata;
import io.grpc.Status;
import java.net.ConnectException;
import org.jspecify.annotations.Nullable;

/** What a failed call lets its caller conclude. */
public enum Outcome {
    /** Nothing happened and nothing will. */
    DEFINITE,
    /** It may have happened, or may yet. */
    INDEFINITE;

    /** How a Quorate server says it itself; an etcd server does not send this. */
    static final Metadata.Key<String> HEADER = Metadata.Key.of("quorate-outcome", Metadata.ASCII_STRING_MARSHALLER);

    /** The same for a caller that did not trace its call: only a refused connection proves that nothing was sent. */
    public static Outcome ofCall(Status status, Metadata trailers) {
        return ofWrite(status, trailers, !(status.getCause() instanceof ConnectException));
    }

    /**
     * Sorts the failure of a write.
     *
     * @param sent whether the request left this process; what never left has certainly not happened
     */
    static Outcome ofWrite(Status status, @Nullable Metadata trailers, boolean sent) {
        if (!sent) {
            return DEFINITE;
        }
        String said = trailers == null ? null : trailers.get(HEADER);
        if (said != null) {
            return said.equals("definite") ? DEFINITE : INDEFINITE;
        }
        return switch (status.getCode()) {
            // Refusals: the server looked at the request and turned it down before it proposed anything.
            case INVALID_ARGUMENT,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    PERMISSION_DENIED,
                    UNAUTHENTICATED,
                    UNIMPLEMENTED,
                    RESOURCE_EXHAUSTED -> DEFINITE;
            // UNAVAILABLE is here on purpose: etcd says it also when leadership was lost after the proposal.
            case OK, CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, ABORTED, INTERNAL, UNAVAILABLE, DATA_LOSS -> INDEFINITE;
        };
    }
}
