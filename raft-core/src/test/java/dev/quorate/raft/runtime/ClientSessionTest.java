package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.session.SessionCommand;
import dev.quorate.raft.session.SessionLimits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientSessionTest {

    private static final NodeId N1 = NodeId.of("n1");
    private static final ClientSession.Options OPTIONS = ClientSession.Options.DEFAULT;

    @TempDir
    Path directory;

    private final Ledger ledger = new Ledger();
    private SessionNode<String> node;

    @BeforeEach
    void start() throws IOException {
        Membership alone = Membership.of(List.of(N1));
        node = SessionNode.start(
                RaftNode.Options.of(N1, alone, directory),
                new InMemoryLog(),
                new InMemoryNetwork().transport(N1),
                SessionStateMachine.of(ledger, SessionStateMachineTest.TEXT),
                new SessionLimits(2, 1L << 20));
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return Await.value(future);
    }

    private static Throwable failure(CompletableFuture<?> future) {
        return Await.failure(Throwable.class, future);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private CompletableFuture<SessionAnswer<String>> propose(byte[] command) {
        return node.node().propose(command);
    }

    /** The commands of sessions reach the log; of those that {@code isLost} the proposer never hears. */
    private Function<byte[], CompletableFuture<SessionAnswer<String>>> losing(AtomicInteger toLose) {
        return command -> {
            CompletableFuture<SessionAnswer<String>> answer = propose(command);
            boolean isLost =
                    SessionCommand.decode(command) instanceof SessionCommand.Apply && toLose.getAndDecrement() > 0;
            return isLost
                    ? answer.thenCompose(
                            result -> CompletableFuture.failedFuture(new RaftException.OutcomeUnknown("lost")))
                    : answer;
        };
    }

    @Test
    void aCommandWhoseAnswersAreLostIsAppliedOnceAndAnsweredInTheEnd() throws Exception {
        ClientSession<String> session = get(ClientSession.open(losing(new AtomicInteger(3)), OPTIONS));

        assertEquals("1:add", get(session.propose(bytes("add"))));
        assertEquals("2:more", get(session.propose(bytes("more"))));
        assertEquals(List.of("add", "more"), ledger.commands());
    }

    @Test
    void anotherProcessGoesOnWithASession() throws Exception {
        ClientSession<String> session = get(node.openSession(OPTIONS));
        ClientSession.State before = session.state();
        get(session.propose(bytes("add")));

        ClientSession<String> resumed = node.resumeSession(
                new ClientSession.State(before.session(), before.nextSequence(), before.nextSequence() + 1), OPTIONS);

        assertEquals("1:add", get(resumed.repeat(before.nextSequence(), bytes("add"))));
        assertEquals("2:more", get(resumed.propose(bytes("more"))));
        assertEquals(List.of("add", "more"), ledger.commands());
        assertThrows(IllegalArgumentException.class, () -> resumed.abandon(before.nextSequence()));
    }

    @Test
    void whatIsProposedInAClosedSessionFailsDefinitelyIfItWasTriedOnce() throws Exception {
        ClientSession<String> session = get(node.openSession(OPTIONS));
        get(session.close());

        RaftException once =
                assertInstanceOf(RaftException.SessionExpired.class, failure(session.propose(bytes("add"))));

        assertTrue(once.isDefinite());
        assertTrue(session.hasEnded());
        assertEquals(0, ledger.size());
    }

    @Test
    void anEarlierTryMakesTheEndOfASessionIndefinite() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        ClientSession<String> session = get(ClientSession.open(
                command -> {
                    boolean isFirst = SessionCommand.decode(command) instanceof SessionCommand.Apply
                            && tries.getAndIncrement() == 0;
                    return isFirst
                            ? CompletableFuture.failedFuture(new RaftException.OutcomeUnknown("lost"))
                            : propose(command);
                },
                OPTIONS));
        get(propose(new SessionCommand.Close(session.state().session()).encode()));

        assertFalse(RaftException.isDefinite(failure(session.propose(bytes("add")))));
    }

    @Test
    void aCommandThatNobodyAnswersIsUnknownAtItsDeadline() throws Exception {
        ClientSession.State state = get(node.openSession(OPTIONS)).state();
        ClientSession<String> session = ClientSession.resume(
                command -> new CompletableFuture<>(),
                state,
                OPTIONS.withDeadline(Duration.ofMillis(50)).withAttemptTimeout(Duration.ofMillis(20)));

        assertInstanceOf(RaftException.OutcomeUnknown.class, failure(session.propose(bytes("add"))));
    }

    @Test
    void limitsAreDefiniteErrors() throws Exception {
        ClientSession<String> session = get(ClientSession.open(
                command -> SessionCommand.decode(command) instanceof SessionCommand.Apply
                        ? new CompletableFuture<>()
                        : propose(command),
                OPTIONS.withMaxOutstanding(1)));
        var unused = session.propose(bytes("add"));
        assertTrue(RaftException.isDefinite(failure(session.propose(bytes("more")))));

        Await.until("a session is refused", () -> RaftException.isDefinite(failureOrNone(node.openSession(OPTIONS))));
    }

    /** Opens sessions until the limits that the leader brings are in force. */
    private static Throwable failureOrNone(CompletableFuture<ClientSession<String>> opened) {
        return opened.handle((session, failure) -> failure == null ? new Throwable("opened") : failure)
                .join();
    }

    @Test
    void aCommandOutsideOfAnySessionHappensEachTime() throws Exception {
        assertEquals("1:add", get(node.propose(bytes("add"))));
        assertEquals("2:add", get(node.propose(bytes("add"))));
    }
}
