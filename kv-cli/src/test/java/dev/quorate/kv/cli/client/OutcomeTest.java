package dev.quorate.kv.cli.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.Metadata;
import io.grpc.Status;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OutcomeTest {

    @ParameterizedTest
    @EnumSource(Status.Code.class)
    void whatNeverLeftCertainlyDidNotHappen(Status.Code code) {
        assertEquals(Outcome.DEFINITE, Outcome.ofWrite(code.toStatus(), new Metadata(), false));
    }

    @ParameterizedTest
    @EnumSource(Status.Code.class)
    void theServersOwnWordCounts(Status.Code code) {
        assertEquals(Outcome.DEFINITE, Outcome.ofWrite(code.toStatus(), says("definite"), true));
        assertEquals(Outcome.INDEFINITE, Outcome.ofWrite(code.toStatus(), says("indefinite"), true));
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"INVALID_ARGUMENT", "FAILED_PRECONDITION", "OUT_OF_RANGE", "RESOURCE_EXHAUSTED", "UNIMPLEMENTED"})
    void aRefusalIsDefiniteWithoutAWord(Status.Code code) {
        assertEquals(Outcome.DEFINITE, Outcome.ofWrite(code.toStatus(), new Metadata(), true));
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "INTERNAL", "UNKNOWN", "ABORTED", "DATA_LOSS"})
    void theRestIsIndefiniteWithoutAWord(Status.Code code) {
        assertEquals(Outcome.INDEFINITE, Outcome.ofWrite(code.toStatus(), new Metadata(), true));
    }

    @Test
    void aRefusedConnectionProvesThatNothingWasSent() {
        Status refused = Status.UNAVAILABLE.withCause(new ConnectException("Connection refused"));

        assertEquals(Outcome.DEFINITE, Outcome.ofCall(refused, new Metadata()));
        assertEquals(Outcome.INDEFINITE, Outcome.ofCall(Status.UNAVAILABLE, new Metadata()));
    }

    private static Metadata says(String word) {
        Metadata trailers = new Metadata();
        trailers.put(Outcome.HEADER, word);
        return trailers;
    }
}
