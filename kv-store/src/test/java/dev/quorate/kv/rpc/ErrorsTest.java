package dev.quorate.kv.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.StoreClosedException;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.runtime.RaftException;
import io.grpc.Status;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Failures of the node in the protocol's words. */
final class ErrorsTest {

    private static void says(Status.Code code, String text, Throwable failure) {
        Status status = Errors.status(failure);
        assertEquals(code, status.getCode());
        assertEquals(text, status.getDescription());
    }

    @Test
    void eachFailureHasItsCodeAndText() {
        says(Status.Code.UNAVAILABLE, "etcdserver: no leader", new RaftException.NotLeader(null));
        says(Status.Code.UNAVAILABLE, "etcdserver: no leader", new RaftException.NotLeader(NodeId.of("n2")));
        says(Status.Code.RESOURCE_EXHAUSTED, "etcdserver: too many requests", new RaftException.Overloaded("mailbox"));
        says(Status.Code.INVALID_ARGUMENT, "etcdserver: request is too large", new RaftException.TooLarge(3, 2));
        says(Status.Code.UNAVAILABLE, "etcdserver: request timed out", new RaftException.OutcomeUnknown("silence"));
        says(Status.Code.UNAVAILABLE, "etcdserver: request timed out", new RaftException.ReadNotConfirmed("silence"));
        says(Status.Code.UNAVAILABLE, "etcdserver: server stopped", new RaftException.Stopped("closed"));
        says(Status.Code.UNAVAILABLE, "etcdserver: server stopped", new StoreClosedException());
        says(
                Status.Code.NOT_FOUND,
                "etcdserver: requested lease not found",
                new CompletionException(new KvException(KvError.LEASE_NOT_FOUND)));
    }

    @Test
    void onlyAnUnknownOutcomeAndTheUnexpectedAreIndefinite() {
        assertTrue(Errors.isDefinite(new RaftException.NotLeader(null)));
        assertTrue(Errors.isDefinite(new CompletionException(new RaftException.Overloaded("mailbox"))));
        assertTrue(Errors.isDefinite(new KvException(KvError.COMPACTED)));
        assertFalse(Errors.isDefinite(new RaftException.OutcomeUnknown("silence")));
        assertFalse(Errors.isDefinite(new StoreClosedException()));
        assertFalse(Errors.isDefinite(new IllegalStateException("a bug")));
    }
}
