package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class RaftExceptionTest {

    @Test
    void aFailureIsDefiniteHoweverItIsWrapped() {
        RaftException overloaded = new RaftException.Overloaded("the mailbox is full");

        assertTrue(RaftException.isDefinite(overloaded));
        assertTrue(RaftException.isDefinite(new ExecutionException(overloaded)));
        assertTrue(RaftException.isDefinite(new CompletionException(new ExecutionException(overloaded))));
    }

    @Test
    void whatMayHaveHappenedAndWhatIsNoAnswerAtAllAreIndefinite() {
        assertFalse(RaftException.isDefinite(new ExecutionException(new RaftException.OutcomeUnknown("it stopped"))));
        assertFalse(RaftException.isDefinite(new IllegalStateException("a fault of the caller's own")));
    }
}
