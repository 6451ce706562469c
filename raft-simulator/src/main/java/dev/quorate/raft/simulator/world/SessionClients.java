package dev.quorate.raft.simulator.world;

import dev.quorate.raft.session.SessionCommand;
import dev.quorate.raft.session.SessionRefusal;
import dev.quorate.raft.session.SessionVerdict;
import dev.quorate.raft.session.SessionWindow;
import dev.quorate.raft.simulator.invariant.ExactlyOnce;
import dev.quorate.raft.simulator.observe.Coverage.Situation;
import dev.quorate.raft.simulator.world.Operation.Outcome;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Clients that open sessions, and repeat what they got no answer to: at another node, also while the first try is on its way. */
final class SessionClients {

    private static final double TWICE_AT_ONCE = 0.1;
    private static final double LEAVES = 0.01;
    private static final long MAX_IDLE_SECONDS = 40;

    private final World world;
    private final SplitMix random;
    private final SessionPlan plan;
    private final ExactlyOnce exactlyOnce;
    private boolean isStopped;

    SessionClients(World world, SessionPlan plan) {
        this.world = world;
        this.random = world.stream("session clients");
        this.plan = plan;
        this.exactlyOnce = world.observer().exactlyOnce();
    }

    void start() {
        for (int i = 0; i < plan.clients(); i++) {
            new Client().think();
        }
    }

    void stop() {
        isStopped = true;
    }

    /** A command whose answer is not known. */
    private static final class Attempts {
        final byte[] command;
        int pending;
        /** True if one of the tries may have been applied. */
        boolean mayHaveRun;

        Attempts(byte[] command) {
            this.command = command;
        }
    }

    private final class Client {
        private final Map<Long, Attempts> unanswered = new TreeMap<>();
        private @Nullable SessionWindow window;
        private SessionCommand.@Nullable Open asked;

        void think() {
            boolean idles = random.chance(plan.idles());
            long nanos = idles
                    ? Nanos.PER_SECOND * random.between(1, MAX_IDLE_SECONDS)
                    : random.exponential(plan.meanThinkNanos());
            world.scheduler().after(nanos, () -> {
                if (!isStopped) {
                    act();
                    think();
                }
            });
        }

        private void act() {
            SessionWindow session = window;
            if (session == null) {
                open();
            } else if (random.chance(LEAVES)) {
                leave(session);
            } else {
                Long again = toRepeat();
                if (again != null) {
                    attempt(session, again);
                } else if (!session.isFull()) {
                    long sequence = session.begin();
                    unanswered.put(sequence, new Attempts(RegisterWorkload.nextPut(world, random)));
                    attempt(session, sequence);
                    if (random.chance(TWICE_AT_ONCE)) {
                        attempt(session, sequence);
                    }
                } else if (random.chance(0.1)) {
                    propose(new SessionCommand.KeepAlive(session.session()), operation -> {});
                }
            }
        }

        private @Nullable Long toRepeat() {
            for (Map.Entry<Long, Attempts> each : unanswered.entrySet()) {
                if (each.getValue().pending == 0) {
                    return each.getKey();
                }
            }
            return null;
        }

        private void open() {
            if (asked != null) {
                return;
            }
            SessionCommand.Open open = new SessionCommand.Open(
                    random.between(SessionCommand.MIN_TIMEOUT_MILLIS, 3 * SessionCommand.MIN_TIMEOUT_MILLIS),
                    random.oneOf(1, 2, 4),
                    random.oneOf(Long.BYTES, Long.BYTES, 0));
            asked = open;
            propose(open, operation -> {
                asked = null;
                SessionVerdict verdict = verdict(operation);
                if (verdict instanceof SessionVerdict.Opened opened) {
                    window = new SessionWindow(opened.session(), open.maxOutstanding(), 1, 1);
                } else if (verdict != null) {
                    world.coverage().saw(Situation.SESSION_REFUSED);
                }
            });
        }

        /** Closes the session, or dies without a word. */
        private void leave(SessionWindow session) {
            if (random.chance(0.5)) {
                propose(new SessionCommand.Close(session.session()), operation -> {});
            }
            forget();
        }

        private void forget() {
            window = null;
            unanswered.clear();
        }

        private void attempt(SessionWindow session, long sequence) {
            Attempts attempts = unanswered.get(sequence);
            if (attempts == null) {
                return; // answered, or the session is over, at once
            }
            attempts.pending++;
            propose(session.attempt(sequence, attempts.command), operation -> {
                attempts.pending--;
                if (operation.outcome == Outcome.UNKNOWN) {
                    attempts.mayHaveRun = true;
                }
                SessionVerdict verdict = verdict(operation);
                if (verdict != null && session == window && unanswered.containsKey(sequence)) {
                    answered(session, sequence, attempts, verdict);
                }
            });
        }

        private void answered(SessionWindow session, long sequence, Attempts attempts, SessionVerdict verdict) {
            if (verdict instanceof SessionVerdict.Refused refused && refused.why() == SessionRefusal.EXPIRED) {
                world.coverage().saw(Situation.SESSION_EXPIRED);
                if (!attempts.mayHaveRun && attempts.pending == 0) {
                    exactlyOnce.neverRuns(session.session(), sequence);
                }
                forget();
                return;
            }
            if (verdict instanceof SessionVerdict.Repeated) {
                world.coverage().saw(Situation.COMMAND_REPEATED_IN_SESSION);
            }
            exactlyOnce.clientKnows(session.session(), sequence, verdict);
            unanswered.remove(sequence);
            session.end(sequence);
        }

        private @Nullable SessionVerdict verdict(Operation operation) {
            return operation.outcome == Outcome.DONE && operation.position != null
                    ? exactlyOnce.verdict(operation.position.index())
                    : null;
        }

        /** Asks any node, and waits for the answer for as long as clients of this seed do. */
        private void propose(SessionCommand command, Consumer<Operation> onEnd) {
            SimulatedNode node = world.node(random.below(world.nodeCount()));
            Asked asking = new Asked(onEnd);
            Operation begun = world.clients().propose(node, command.encode(), asking::ended);
            asking.operation = begun;
            asking.ended();
            if (!asking.isOver) {
                world.scheduler()
                        .after(
                                world.swarm().load().clientTimeoutNanos(),
                                () -> world.clients().giveUp(begun));
            }
        }
    }

    /** An operation may end before its caller knows that it began, as when its node is down. */
    private static final class Asked {
        private final Consumer<Operation> onEnd;

        @Nullable
        Operation operation;

        boolean isOver;

        Asked(Consumer<Operation> onEnd) {
            this.onEnd = onEnd;
        }

        void ended() {
            Operation known = operation;
            if (known != null && known.outcome != Outcome.PENDING && !isOver) {
                isOver = true;
                onEnd.accept(known);
            }
        }
    }
}
