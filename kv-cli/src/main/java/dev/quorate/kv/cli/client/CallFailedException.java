package dev.quorate.kv.cli.client;

import io.grpc.Status;

/** A call that no endpoint answered with success; the message is one line. */
public final class CallFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Outcome outcome;
    private final Status.Code code;

    CallFailedException(Outcome outcome, Status.Code code, String message) {
        super(message);
        this.outcome = outcome;
        this.code = code;
    }

    public Outcome outcome() {
        return outcome;
    }

    /** The gRPC code of the last answer. */
    public Status.Code code() {
        return code;
    }
}
