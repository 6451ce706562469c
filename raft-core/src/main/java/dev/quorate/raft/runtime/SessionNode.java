package dev.quorate.raft.runtime;

import dev.quorate.raft.RaftRole;
import dev.quorate.raft.session.SessionClock;
import dev.quorate.raft.session.SessionCommand;
import dev.quorate.raft.session.SessionLimits;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A member of a group whose clients have sessions: a {@link RaftNode}, the {@link SessionStateMachine} in it, and, while it
 * leads, the clock by which sessions end. All members of a group are started with sessions, or none.
 *
 * @param <R> what the embedder's state machine answers
 */
public final class SessionNode<R> implements AutoCloseable {

    /** How often the clock looks: what it misses is counted by nobody, so a tenth of a period is lost at most. */
    private static final long LOOK_MILLIS = SessionClock.PERIOD_MILLIS / 10;

    private final RaftNode<SessionAnswer<R>> node;
    private final SessionStateMachine<R> stateMachine;
    private final SessionLimits limits;
    private final SessionClock clock = new SessionClock();

    private SessionNode(RaftNode<SessionAnswer<R>> node, SessionStateMachine<R> stateMachine, SessionLimits limits) {
        this.node = node;
        this.stateMachine = stateMachine;
        this.limits = limits;
    }

    /** With the default limits; see {@link RaftNode#start}. */
    public static <R> SessionNode<R> start(
            RaftNode.Options options, DurableLog log, Transport transport, SessionStateMachine<R> stateMachine)
            throws IOException {
        return start(options, log, transport, stateMachine, SessionLimits.DEFAULT);
    }

    /**
     * As {@link RaftNode#start}.
     *
     * @param limits what this member brings into force when it leads: give all members the same
     */
    public static <R> SessionNode<R> start(
            RaftNode.Options options,
            DurableLog log,
            Transport transport,
            SessionStateMachine<R> stateMachine,
            SessionLimits limits)
            throws IOException {
        RaftNode<SessionAnswer<R>> node = RaftNode.start(options, log, transport, stateMachine);
        SessionNode<R> started = new SessionNode<>(node, stateMachine, limits);
        started.look();
        return started;
    }

    /** For all that has nothing to do with sessions. What it proposes must be a {@link SessionCommand}. */
    public RaftNode<SessionAnswer<R>> node() {
        return node;
    }

    /** Proposes a command outside of any session, as {@link RaftNode#propose}: if it is proposed again, it happens again. */
    public CompletableFuture<R> propose(byte[] command) {
        return node.propose(new SessionCommand.Plain(command).encode()).thenApply(SessionNode::result);
    }

    private static <R> R result(SessionAnswer<R> answer) {
        if (answer instanceof SessionAnswer.Applied<R> applied) {
            return applied.result();
        }
        throw new IllegalStateException("a command outside of any session was answered " + answer);
    }

    /** Opens a session of a client in this process. Never blocks. */
    public CompletableFuture<ClientSession<R>> openSession(ClientSession.Options options) {
        return ClientSession.open(node::propose, options);
    }

    /** Goes on with a session that was opened anywhere. */
    public ClientSession<R> resumeSession(ClientSession.State state, ClientSession.Options options) {
        return ClientSession.resume(node::propose, state, options);
    }

    private void look() {
        if (node.stopped().isDone()) {
            return;
        }
        SessionStateMachine.Glance seen = stateMachine.glance();
        SessionCommand.Tick tick = clock.observe(System.nanoTime(), seen.logTimeMillis(), seen.sessions());
        if (node.status().role() == RaftRole.LEADER) {
            // A proposal that is lost is made again at the next look; one that comes twice does nothing the second
            // time.
            if (tick != null) {
                var unused = node.propose(tick.encode());
            }
            if (!seen.limits().equals(limits)) {
                var unused = node.propose(new SessionCommand.SetLimits(limits).encode());
            }
        }
        CompletableFuture.delayedExecutor(LOOK_MILLIS, TimeUnit.MILLISECONDS).execute(this::look);
    }

    @Override
    public void close() {
        node.close();
    }
}
