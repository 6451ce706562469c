package dev.quorate.raft.simulator.invariant;

import dev.quorate.raft.session.SessionCommand;
import dev.quorate.raft.session.SessionRefusal;
import dev.quorate.raft.session.SessionTable;
import dev.quorate.raft.session.SessionVerdict;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * I13, in sessions: of all tries of a command the first that is applied runs, on every member the same one, and every other is
 * answered what that one was answered. A session that is used does not end before its time.
 */
public final class ExactlyOnce extends Invariant {

    /** The fastest clock of any node goes twice as fast as it should. */
    private static final long FASTEST = 2;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private record Command(long session, long sequence) {}

    /** What the first member that applied an entry made of it. */
    @SuppressWarnings("ArrayRecordComponent") // compared by isSame
    private record Decision(SessionVerdict verdict, byte @Nullable [] answer) {

        boolean isSame(SessionVerdict other, byte @Nullable [] otherAnswer) {
            return verdict.getClass() == other.getClass()
                    && Arrays.equals(answer, otherAnswer)
                    && (!(verdict instanceof SessionVerdict.Refused refused)
                            || refused.equals(other)) // the only one of the others that holds more than an answer
                    && (!(verdict instanceof SessionVerdict.Opened opened) || opened.equals(other));
        }
    }

    private record Session(long timeoutMillis, long usedAtNanos) {}

    private final Map<Long, Decision> decisions = new HashMap<>();
    private final Map<Command, Long> ran = new HashMap<>();
    private final Set<Command> neverRun = new HashSet<>();
    private final Map<Long, Session> sessions = new HashMap<>();

    public ExactlyOnce(Cluster cluster) {
        super(cluster);
    }

    /** What became of the entry at this index, null if nobody has applied it. */
    public @Nullable SessionVerdict verdict(long index) {
        Decision decision = decisions.get(index);
        return decision == null ? null : decision.verdict();
    }

    /**
     * A member has applied an entry.
     *
     * @param answer of the state machine, null if the command did not run
     */
    public void decided(
            NodeView node,
            long nowNanos,
            long index,
            @Nullable SessionCommand command,
            SessionVerdict verdict,
            byte @Nullable [] answer) {
        byte[] told = verdict instanceof SessionVerdict.Repeated repeated ? repeated.answer() : answer;
        Decision first = decisions.putIfAbsent(index, new Decision(verdict, told));
        if (first != null) {
            require(
                    first.isSame(verdict, told),
                    node,
                    "makes " + verdict + " of entry " + index + ", of which another member made " + first.verdict());
            return;
        }
        if (command instanceof SessionCommand.Apply apply) {
            checkApply(node, index, new Command(apply.session(), apply.sequence()), verdict, told);
        }
        follow(node, nowNanos, index, command, verdict);
    }

    private void checkApply(
            NodeView node, long index, Command command, SessionVerdict verdict, byte @Nullable [] told) {
        Long earlier = ran.get(command);
        if (verdict instanceof SessionVerdict.Run) {
            require(earlier == null, node, "runs " + command + " at index " + index + " after it ran at " + earlier);
            require(!neverRun.contains(command), node, "runs " + command + ", which was refused for good");
            ran.put(command, index);
        } else if (verdict instanceof SessionVerdict.Repeated) {
            Decision first = earlier == null ? null : decisions.get(earlier);
            require(first != null, node, "says that " + command + " ran, and it never did");
            require(
                    told == null || (first != null && Arrays.equals(told, first.answer())),
                    node,
                    "answers the repeated " + command + " differently from the first time");
        }
    }

    /** A session ends when log time says so, and that goes no faster than the fastest clock that leads. */
    private void follow(
            NodeView node, long nowNanos, long index, @Nullable SessionCommand command, SessionVerdict verdict) {
        if (command instanceof SessionCommand.Open open && verdict instanceof SessionVerdict.Opened) {
            sessions.put(index, new Session(open.timeoutMillis(), nowNanos));
        } else if (command instanceof SessionCommand.Close close) {
            sessions.remove(close.session());
        } else if (command instanceof SessionCommand.KeepAlive alive) {
            used(node, nowNanos, alive.session(), verdict);
        } else if (command instanceof SessionCommand.Apply apply) {
            used(node, nowNanos, apply.session(), verdict);
        }
    }

    private void used(NodeView node, long nowNanos, long number, SessionVerdict verdict) {
        Session session = sessions.get(number);
        boolean isOver = verdict instanceof SessionVerdict.Refused refused && refused.why() == SessionRefusal.EXPIRED;
        if (session == null) {
            require(isOver, node, "goes on with session " + number + ", which is over");
        } else if (isOver) {
            long counted = FASTEST * (nowNanos - session.usedAtNanos()) / NANOS_PER_MILLI;
            require(
                    counted + SessionTable.MAX_STEP_MILLIS >= session.timeoutMillis(),
                    node,
                    "ends session " + number + " with a timeout of " + session.timeoutMillis()
                            + " ms when no clock can have counted more than " + counted + " ms since its last command");
            sessions.remove(number);
        } else {
            sessions.put(number, new Session(session.timeoutMillis(), nowNanos));
        }
    }

    /** A client was told that its session is over, and that the command, which was tried once, did not happen. */
    public void neverRuns(long session, long sequence) {
        Command command = new Command(session, sequence);
        Long at = ran.get(command);
        if (at != null) {
            throw new InvariantViolation(name(), command + " is refused for good, but ran at index " + at);
        }
        neverRun.add(command);
    }

    /** A client has an answer to a command that it waits for. */
    public void clientKnows(long session, long sequence, SessionVerdict verdict) {
        boolean isAnswer = verdict instanceof SessionVerdict.Run || verdict instanceof SessionVerdict.Repeated;
        if (!isAnswer || !ran.containsKey(new Command(session, sequence))) {
            throw new InvariantViolation(
                    name(),
                    "command " + sequence + " of session " + session + " is answered " + verdict + ", and ran at "
                            + ran.get(new Command(session, sequence)));
        }
    }
}
