package dev.quorate.raft.runtime;

import dev.quorate.raft.session.SessionCommand;
import dev.quorate.raft.session.SessionRefusal;
import dev.quorate.raft.session.SessionWindow;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client's session: a command that is proposed in it is applied at most once, however often it has to be tried, and its
 * answer is that of the one time (thesis §6.3). It tries again by itself, over changes of leader and lost answers.
 *
 * <p>It needs nothing of a node but a way to propose; a client in another process brings its own. Any thread; nothing blocks.
 * Futures complete on the thread that the proposer completes its own on, or on the common pool.
 *
 * @param <R> what the embedder's state machine answers
 */
public final class ClientSession<R> {

    /**
     * How a session behaves.
     *
     * @param timeout how long the session may be idle before it ends, in log time: 6 s to 7 days. Kept alive at a third of it
     * @param maxOutstanding from the oldest command without an answer to the newest, 1 to 1,024
     * @param maxAnswerBytes the longest answer that is remembered, 0 to 1 MiB
     * @param deadline how long a command is tried; more than zero
     * @param attemptTimeout after how long without an answer it is tried again; more than zero
     */
    public record Options(
            Duration timeout, int maxOutstanding, int maxAnswerBytes, Duration deadline, Duration attemptTimeout) {

        /** A session ends a minute after its client, who has 16 commands outstanding, with answers up to 1 KiB. */
        public static final Options DEFAULT =
                new Options(Duration.ofSeconds(60), 16, 1_024, Duration.ofSeconds(30), Duration.ofSeconds(2));

        /** Checks the ranges. */
        public Options {
            within(
                    "timeout in ms",
                    timeout.toMillis(),
                    SessionCommand.MIN_TIMEOUT_MILLIS,
                    SessionCommand.MAX_TIMEOUT_MILLIS);
            within("maxOutstanding", maxOutstanding, 1, SessionCommand.MAX_OUTSTANDING);
            within("maxAnswerBytes", maxAnswerBytes, 0, SessionCommand.MAX_ANSWER_BYTES);
            within("deadline in ms", deadline.toMillis(), 1, Long.MAX_VALUE);
            within("attemptTimeout in ms", attemptTimeout.toMillis(), 1, Long.MAX_VALUE);
        }

        private static void within(String name, long value, long least, long most) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(
                        name + " is " + value + ", and must be from " + least + " to " + most);
            }
        }

        /** The same, but for this. */
        public Options withTimeout(Duration value) {
            return new Options(value, maxOutstanding, maxAnswerBytes, deadline, attemptTimeout);
        }

        /** The same, but for this. */
        public Options withMaxOutstanding(int value) {
            return new Options(timeout, value, maxAnswerBytes, deadline, attemptTimeout);
        }

        /** The same, but for this. */
        public Options withMaxAnswerBytes(int value) {
            return new Options(timeout, maxOutstanding, value, deadline, attemptTimeout);
        }

        /** The same, but for this. */
        public Options withDeadline(Duration value) {
            return new Options(timeout, maxOutstanding, maxAnswerBytes, value, attemptTimeout);
        }

        /** The same, but for this. */
        public Options withAttemptTimeout(Duration value) {
            return new Options(timeout, maxOutstanding, maxAnswerBytes, deadline, value);
        }
    }

    /**
     * What another process needs to go on with a session.
     *
     * @param firstOutstanding the lowest number whose answer is not known
     * @param nextSequence the number that the next command gets. A client that wants to repeat a command after a crash keeps
     *     this and the command before it proposes
     */
    public record State(long session, long firstOutstanding, long nextSequence) {}

    /** Before a try that was refused is made again. */
    private static final long PAUSE_MILLIS = 20;

    private static final int KEEP_ALIVES_PER_TIMEOUT = 3;

    private final Function<byte[], CompletableFuture<SessionAnswer<R>>> proposer;
    private final Options options;
    /** Guarded by itself; never held while something is proposed or completed. */
    private final SessionWindow window;

    private volatile long spokenNanos = System.nanoTime();
    private volatile boolean hasEnded;

    private ClientSession(
            Function<byte[], CompletableFuture<SessionAnswer<R>>> proposer, SessionWindow window, Options options) {
        this.proposer = proposer;
        this.window = window;
        this.options = options;
        keepAlive();
    }

    /**
     * Opens a session.
     *
     * @param proposer brings a {@link SessionCommand}'s bytes into the log, at any member, and the answer back; fails as {@link
     *     RaftNode#propose} does
     * @return fails with {@link RaftException.TooManySessions}, or, when the deadline is over, with why the last try failed. A
     *     session that was opened without the client's knowledge ends after its timeout
     */
    public static <R> CompletableFuture<ClientSession<R>> open(
            Function<byte[], CompletableFuture<SessionAnswer<R>>> proposer, Options options) {
        SessionCommand open = new SessionCommand.Open(
                options.timeout().toMillis(), options.maxOutstanding(), options.maxAnswerBytes());
        return new Attempts<>(proposer, options, open::encode).run().thenCompose(answer -> {
            if (answer instanceof SessionAnswer.Opened<R> opened) {
                SessionWindow window = new SessionWindow(opened.session(), options.maxOutstanding(), 1, 1);
                return CompletableFuture.completedFuture(new ClientSession<>(proposer, window, options));
            }
            return CompletableFuture.failedFuture(
                    answer instanceof SessionAnswer.Refused<R> refused
                                    && refused.why() == SessionRefusal.TOO_MANY_SESSIONS
                            ? new RaftException.TooManySessions()
                            : new IllegalStateException("opening a session was answered " + answer));
        });
    }

    /**
     * Goes on with a session of another process, which must not use it any more. Each number from {@code firstOutstanding} on
     * is outstanding until it is {@linkplain #repeat repeated} or {@linkplain #abandon abandoned}.
     *
     * @param options those that it was opened with
     */
    public static <R> ClientSession<R> resume(
            Function<byte[], CompletableFuture<SessionAnswer<R>>> proposer, State state, Options options) {
        return new ClientSession<>(
                proposer,
                new SessionWindow(
                        state.session(), options.maxOutstanding(), state.firstOutstanding(), state.nextSequence()),
                options);
    }

    /** What another process would need to go on from here. */
    public State state() {
        synchronized (window) {
            return new State(window.session(), window.firstOutstanding(), window.nextSequence());
        }
    }

    /**
     * Has a command applied, once.
     *
     * @param command handed over: do not write to it again
     * @return its answer; or a {@link RaftException}: {@link RaftException.OutcomeUnknown} when the deadline is over and a try got
     *     no answer, {@link RaftException.SessionExpired}, {@link RaftException.AnswerNotKept}, {@link RaftException.Overloaded}
     *     when too many are outstanding, or the definite one that every try until the deadline failed with
     */
    public CompletableFuture<R> propose(byte[] command) {
        long sequence;
        synchronized (window) {
            if (window.isFull()) {
                return CompletableFuture.failedFuture(
                        new RaftException.Overloaded("from the oldest outstanding command of" + " session "
                                + window.session() + " on there are " + options.maxOutstanding()));
            }
            sequence = window.begin();
        }
        return perform(sequence, command, false);
    }

    /**
     * Repeats a command of a session that was resumed: it is applied now if it was not before, and answered as it was then if
     * it was.
     *
     * @param command the same as then
     * @throws IllegalArgumentException if this number is not outstanding
     */
    public CompletableFuture<R> repeat(long sequence, byte[] command) {
        synchronized (window) {
            requireOutstanding(sequence);
        }
        return perform(sequence, command, true);
    }

    /**
     * Nobody wants this answer any more. With the next command the group forgets it, and a try that is still on its way does
     * nothing.
     *
     * @throws IllegalArgumentException if this number is not outstanding
     */
    public void abandon(long sequence) {
        synchronized (window) {
            requireOutstanding(sequence);
            window.end(sequence);
        }
    }

    private void requireOutstanding(long sequence) {
        if (!window.isOutstanding(sequence)) {
            throw new IllegalArgumentException("number " + sequence + " of session " + window.session()
                    + " is not outstanding: those are from " + window.firstOutstanding() + " to before "
                    + window.nextSequence());
        }
    }

    private CompletableFuture<R> perform(long sequence, byte[] command, boolean mayHaveBeenTried) {
        Attempts<R> attempts = new Attempts<>(proposer, options, () -> attempt(sequence, command));
        return attempts.run()
                .thenCompose(answer -> conclude(answer, mayHaveBeenTried || attempts.mayHaveEarlierTries()))
                .whenComplete((result, failure) -> {
                    synchronized (window) {
                        window.end(sequence);
                    }
                });
    }

    private byte[] attempt(long sequence, byte[] command) {
        synchronized (window) {
            return window.attempt(sequence, command).encode();
        }
    }

    private CompletableFuture<R> conclude(SessionAnswer<R> answer, boolean mayHaveBeenApplied) {
        if (answer instanceof SessionAnswer.Applied<R> applied) {
            spokenNanos = System.nanoTime();
            return CompletableFuture.completedFuture(applied.result());
        } else if (answer instanceof SessionAnswer.NotKept<R>) {
            return CompletableFuture.failedFuture(new RaftException.AnswerNotKept());
        } else if (answer instanceof SessionAnswer.Refused<R> refused && refused.why() == SessionRefusal.EXPIRED) {
            hasEnded = true;
            return CompletableFuture.failedFuture(
                    new RaftException.SessionExpired(state().session(), !mayHaveBeenApplied));
        }
        return CompletableFuture.failedFuture(new RaftException.OutcomeUnknown(
                "the session answered " + answer + ": is it used by another client too?"));
    }

    private void keepAlive() {
        long periodMillis = options.timeout().toMillis() / KEEP_ALIVES_PER_TIMEOUT;
        CompletableFuture.delayedExecutor(periodMillis, TimeUnit.MILLISECONDS).execute(() -> {
            if (hasEnded) {
                return;
            }
            if (System.nanoTime() - spokenNanos >= TimeUnit.MILLISECONDS.toNanos(periodMillis)) {
                byte[] word = new SessionCommand.KeepAlive(state().session()).encode();
                var unused = new Attempts<>(proposer, options, () -> word).run().whenComplete(this::onKeptAlive);
            }
            keepAlive();
        });
    }

    /** A node that has stopped will not propose any more; whoever goes on with the session elsewhere keeps it alive there. */
    private void onKeptAlive(@Nullable SessionAnswer<R> answer, @Nullable Throwable failure) {
        if (answer instanceof SessionAnswer.Refused<R> || failure instanceof RaftException.Stopped) {
            hasEnded = true;
        }
    }

    /** True if the session is known to have ended: closed, or expired. */
    public boolean hasEnded() {
        return hasEnded;
    }

    /** Ends the session; what is outstanding may be applied or not. Completes when the group has forgotten it. */
    public CompletableFuture<Void> close() {
        hasEnded = true;
        byte[] word = new SessionCommand.Close(state().session()).encode();
        return new Attempts<>(proposer, options, () -> word).run().thenAccept(answer -> {});
    }

    /** The tries of one command, one after the other, until one is answered or the deadline is over. */
    private static final class Attempts<R> {

        private final Function<byte[], CompletableFuture<SessionAnswer<R>>> proposer;
        private final Options options;
        private final Supplier<byte[]> command;
        private final long deadlineNanos;
        private final CompletableFuture<SessionAnswer<R>> answer = new CompletableFuture<>();
        private int tries;
        /** A try that got no answer, or no definite one: it may be applied. */
        private boolean hasUnknown;

        Attempts(
                Function<byte[], CompletableFuture<SessionAnswer<R>>> proposer,
                Options options,
                Supplier<byte[]> command) {
            this.proposer = proposer;
            this.options = options;
            this.command = command;
            this.deadlineNanos = System.nanoTime() + options.deadline().toNanos();
        }

        CompletableFuture<SessionAnswer<R>> run() {
            attempt();
            return answer;
        }

        synchronized boolean mayHaveEarlierTries() {
            return hasUnknown;
        }

        private void attempt() {
            int number;
            synchronized (this) {
                number = ++tries;
            }
            CompletableFuture<SessionAnswer<R>> attempt;
            try {
                attempt = proposer.apply(command.get());
            } catch (RuntimeException e) {
                answer.completeExceptionally(e); // a fault of the proposer, and no answer of a group
                return;
            }
            after(options.attemptTimeout().toMillis()).execute(() -> {
                if (!attempt.isDone()) {
                    failed(number, new RaftException.OutcomeUnknown("no answer within the attempt timeout"));
                }
            });
            var unused = attempt.whenComplete((result, failure) -> {
                if (failure == null) {
                    answer.complete(result);
                } else {
                    failed(number, failure);
                }
            });
        }

        private void failed(int number, Throwable failure) {
            boolean isNewest;
            boolean isUnknown;
            synchronized (this) {
                hasUnknown |= !RaftException.isDefinite(failure);
                isUnknown = hasUnknown;
                isNewest = number == tries;
                if (isNewest) {
                    tries++; // of the two that may say so, the timeout and the try itself, one begins another
                }
            }
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            if (!isNewest || answer.isDone()) {
                return;
            }
            if (System.nanoTime() - deadlineNanos >= 0 || isFinal(cause)) {
                answer.completeExceptionally(
                        isUnknown && RaftException.isDefinite(cause)
                                ? new RaftException.OutcomeUnknown(
                                        "a try got no answer, the last one failed: " + cause.getMessage())
                                : cause);
            } else {
                after(PAUSE_MILLIS).execute(this::attempt);
            }
        }

        /** Whether another try would fail in the same way. */
        private static boolean isFinal(Throwable cause) {
            return cause instanceof RaftException.TooLarge || cause instanceof RaftException.Stopped;
        }

        private static Executor after(long millis) {
            return CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS);
        }
    }
}
