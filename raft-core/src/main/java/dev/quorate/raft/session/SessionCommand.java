package dev.quorate.raft.session;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What stands in a log entry of a group with sessions: one byte that says which of these it is, then the fields in order,
 * numbers big-endian, a command last and without a length.
 */
public sealed interface SessionCommand {

    /** A command outside of any session: applied each time it is proposed. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Plain(byte[] command) implements SessionCommand {}

    /**
     * Opens a session; its number is the index of this entry.
     *
     * @param timeoutMillis how long it may be idle, in log time, {@link #MIN_TIMEOUT_MILLIS} to {@link #MAX_TIMEOUT_MILLIS}
     * @param maxOutstanding how many commands may be without an answer that the client knows, 1 to {@link #MAX_OUTSTANDING}
     * @param maxAnswerBytes the longest answer that is remembered, 0 to {@link #MAX_ANSWER_BYTES}
     */
    record Open(long timeoutMillis, int maxOutstanding, int maxAnswerBytes) implements SessionCommand {

        boolean isInRange() {
            return timeoutMillis >= MIN_TIMEOUT_MILLIS
                    && timeoutMillis <= MAX_TIMEOUT_MILLIS
                    && maxOutstanding >= 1
                    && maxOutstanding <= MAX_OUTSTANDING
                    && maxAnswerBytes >= 0
                    && maxAnswerBytes <= MAX_ANSWER_BYTES;
        }

        /** What such a session counts against {@link SessionLimits#maxReservedBytes}: about the most it can ever take. */
        public long reservedBytes() {
            return SESSION_BYTES + maxOutstanding * (ANSWER_OVERHEAD_BYTES + (long) maxAnswerBytes);
        }
    }

    /**
     * A command of a session.
     *
     * @param sequence its number in the session, from 1; every try has the same
     * @param firstOutstanding the client knows the answers of all lower numbers, or does not want them any more
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Apply(long session, long sequence, long firstOutstanding, byte[] command) implements SessionCommand {}

    /** The client lives. */
    record KeepAlive(long session) implements SessionCommand {}

    /** The client is done. */
    record Close(long session) implements SessionCommand {}

    /**
     * Moves log time.
     *
     * @param fromMillis log time as the proposer knew it; if it is another by now, this entry does nothing
     * @param elapsedMillis what the proposer's monotonic clock has counted since it saw {@code fromMillis}
     */
    record Tick(long fromMillis, long elapsedMillis) implements SessionCommand {}

    /** A leader brings its limits. */
    record SetLimits(SessionLimits limits) implements SessionCommand {}

    /** Three of the largest steps of log time: one wrong step alone ends no session. */
    long MIN_TIMEOUT_MILLIS = 3 * SessionTable.MAX_STEP_MILLIS;

    /** A week. */
    long MAX_TIMEOUT_MILLIS = 7L * 24 * 60 * 60 * 1000;
    /** Of one session. */
    int MAX_OUTSTANDING = 1_024;
    /** Of one answer. */
    int MAX_ANSWER_BYTES = 1 << 20;
    /** What a session takes beside its answers, about. */
    long SESSION_BYTES = 256;

    /** What an answer takes beside its bytes, about. */
    long ANSWER_OVERHEAD_BYTES = 96;

    /** As it stands in the log. */
    default byte[] encode() {
        if (this instanceof Plain plain) {
            return buffer(0, plain.command.length).put(plain.command).array();
        } else if (this instanceof Open open) {
            return buffer(1, 16)
                    .putLong(open.timeoutMillis)
                    .putInt(open.maxOutstanding)
                    .putInt(open.maxAnswerBytes)
                    .array();
        } else if (this instanceof Apply apply) {
            return buffer(2, 24 + apply.command.length)
                    .putLong(apply.session)
                    .putLong(apply.sequence)
                    .putLong(apply.firstOutstanding)
                    .put(apply.command)
                    .array();
        } else if (this instanceof KeepAlive keepAlive) {
            return buffer(3, 8).putLong(keepAlive.session).array();
        } else if (this instanceof Close close) {
            return buffer(4, 8).putLong(close.session).array();
        } else if (this instanceof Tick tick) {
            return buffer(5, 16)
                    .putLong(tick.fromMillis)
                    .putLong(tick.elapsedMillis)
                    .array();
        }
        SessionLimits limits = ((SetLimits) this).limits;
        return buffer(6, 12)
                .putInt(limits.maxSessions())
                .putLong(limits.maxReservedBytes())
                .array();
    }

    private static ByteBuffer buffer(int kind, int bytes) {
        return ByteBuffer.allocate(1 + bytes).put((byte) kind);
    }

    /** What these bytes mean, null if no version of this library has written them. Never throws. */
    static @Nullable SessionCommand decode(byte[] bytes) {
        try {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            return switch (in.get()) {
                case 0 -> new Plain(rest(in));
                case 1 -> new Open(in.getLong(), in.getInt(), in.getInt());
                case 2 -> new Apply(in.getLong(), in.getLong(), in.getLong(), rest(in));
                case 3 -> new KeepAlive(in.getLong());
                case 4 -> new Close(in.getLong());
                case 5 -> new Tick(in.getLong(), in.getLong());
                case 6 -> new SetLimits(new SessionLimits(in.getInt(), in.getLong()));
                default -> null;
            };
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return null;
        }
    }

    private static byte[] rest(ByteBuffer in) {
        byte[] rest = new byte[in.remaining()];
        in.get(rest);
        return rest;
    }
}
