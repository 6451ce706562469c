package dev.quorate.jepsen.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quorate.jepsen.history.Outcome;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.ConnectException;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class FailuresTest {

    private static Outcome outcome(Status status) {
        return Failures.outcomeOfWrite(status.asRuntimeException());
    }

    private static Outcome outcomeWithTrailer(Status status, String said) {
        Metadata trailers = new Metadata();
        trailers.put(Metadata.Key.of("quorate-outcome", Metadata.ASCII_STRING_MARSHALLER), said);
        return Failures.outcomeOfWrite(new StatusRuntimeException(status, trailers));
    }

    @Test
    void whatTheServerSaysCounts() {
        assertEquals(Outcome.FAIL, outcomeWithTrailer(Status.UNAVAILABLE, "definite"));
        assertEquals(Outcome.UNKNOWN, outcomeWithTrailer(Status.INVALID_ARGUMENT, "indefinite"));
        assertEquals(Outcome.UNKNOWN, outcomeWithTrailer(Status.UNAVAILABLE, "something new"));
    }

    @Test
    void aRequestThatNobodyTookDidNotHappen() {
        assertEquals(Outcome.FAIL, outcome(Status.UNAVAILABLE.withCause(new ConnectException("Connection refused"))));
        assertEquals(Outcome.UNKNOWN, outcome(Status.UNAVAILABLE.withCause(new IOException("Connection reset"))));
    }

    @Test
    void aRefusedRequestDidNotHappen() {
        assertEquals(Outcome.FAIL, outcome(Status.INVALID_ARGUMENT));
        assertEquals(Outcome.FAIL, outcome(Status.RESOURCE_EXHAUSTED.withDescription("etcdserver: too many requests")));
    }

    @Test
    void everythingElseMayHaveHappened() {
        assertEquals(Outcome.UNKNOWN, outcome(Status.DEADLINE_EXCEEDED));
        assertEquals(Outcome.UNKNOWN, outcome(Status.UNAVAILABLE.withDescription("etcdserver: leader changed")));
        assertEquals(Outcome.UNKNOWN, outcome(Status.CANCELLED));
        assertEquals(Outcome.UNKNOWN, outcome(Status.INTERNAL));
        assertEquals(Outcome.UNKNOWN, outcome(Status.UNKNOWN));
        assertEquals(
                Outcome.UNKNOWN,
                outcome(Status.RESOURCE_EXHAUSTED.withDescription("gRPC message exceeds maximum size")));
    }
}
