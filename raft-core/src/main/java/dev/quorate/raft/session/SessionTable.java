package dev.quorate.raft.session;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of a group, as part of the replicated state: a function of the log alone (thesis §6.3). One thread owns it.
 *
 * <p>It consists of records, one for each session and one for the rest, so that a state machine that keeps files can write
 * just the changed ones, in the same atomic write as the effects of the commands.
 */
public final class SessionTable {

    /**
     * The most that one entry moves log time. A process that was stopped for an hour would otherwise end every session with
     * its first word, though no client could have kept one alive through it.
     */
    public static final long MAX_STEP_MILLIS = 2_000;

    /** The key of the record that is no session's: log time and limits. A session's key is its number, which is never 0. */
    public static final long HEAD = 0;

    /**
     * A record of the table.
     *
     * @param value null if the record is gone
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Change(long key, byte @Nullable [] value) {}

    private final TreeMap<Long, Session> sessions = new TreeMap<>();
    private final TreeSet<Long> changed = new TreeSet<>();
    private SessionLimits limits = SessionLimits.DEFAULT;
    private long nowMillis;
    private long reservedBytes;

    /** No session, and log time 0. */
    public SessionTable() {}

    /** Log time: how long the group has had sessions, as its leaders' clocks counted it. */
    public long nowMillis() {
        return nowMillis;
    }

    /** How many sessions are open. */
    public int size() {
        return sessions.size();
    }

    /** In force. */
    public SessionLimits limits() {
        return limits;
    }

    /**
     * Takes an entry into account and says what is to be done with its command.
     *
     * @param index of the entry, higher than those before
     * @param command null for bytes that could not be read
     */
    public SessionVerdict decide(long index, @Nullable SessionCommand command) {
        if (command instanceof SessionCommand.Plain plain) {
            return new SessionVerdict.Run(0, 0, plain.command());
        } else if (command instanceof SessionCommand.Apply apply) {
            return apply(apply);
        } else if (command instanceof SessionCommand.Open open) {
            return open(index, open);
        } else if (command instanceof SessionCommand.KeepAlive keepAlive) {
            return touch(keepAlive.session()) == null ? expired() : new SessionVerdict.Done();
        } else if (command instanceof SessionCommand.Close close) {
            return close(close.session());
        } else if (command instanceof SessionCommand.Tick tick) {
            return tick(tick);
        } else if (command instanceof SessionCommand.SetLimits set) {
            limits = set.limits();
            changed.add(HEAD);
            return new SessionVerdict.Done();
        }
        return refused(SessionRefusal.MALFORMED);
    }

    private SessionVerdict apply(SessionCommand.Apply apply) {
        Session session = touch(apply.session());
        if (session == null) {
            return expired();
        }
        session.acknowledge(apply.firstOutstanding());
        long sequence = apply.sequence();
        if (sequence < session.firstOutstanding) {
            return refused(SessionRefusal.ACKNOWLEDGED);
        } else if (sequence - session.firstOutstanding >= session.opened.maxOutstanding()) {
            return refused(SessionRefusal.OUT_OF_WINDOW);
        }
        Answer known = session.answers.get(sequence);
        if (known == null) {
            session.answers.put(sequence, Answer.RUNNING);
            return new SessionVerdict.Run(apply.session(), sequence, apply.command());
        }
        return known.isRunning ? new SessionVerdict.Running() : new SessionVerdict.Repeated(known.bytes);
    }

    /** What a {@link SessionVerdict.Run} of a session was answered. Nothing if the client does not want to know any more. */
    public void remember(long session, long sequence, byte[] answer) {
        Session of = sessions.get(session);
        if (of != null && of.answers.containsKey(sequence)) {
            of.answers.put(sequence, new Answer(answer.length <= of.opened.maxAnswerBytes() ? answer.clone() : null));
            changed.add(session);
        }
    }

    private SessionVerdict open(long index, SessionCommand.Open open) {
        if (!open.isInRange()) {
            return refused(SessionRefusal.MALFORMED);
        }
        if (sessions.size() >= limits.maxSessions()
                || reservedBytes + open.reservedBytes() > limits.maxReservedBytes()) {
            return refused(SessionRefusal.TOO_MANY_SESSIONS);
        }
        put(index, new Session(open, nowMillis));
        return new SessionVerdict.Opened(index);
    }

    private void put(long number, Session session) {
        sessions.put(number, session);
        reservedBytes += session.opened.reservedBytes();
        changed.add(number);
    }

    private @Nullable Session touch(long number) {
        Session session = sessions.get(number);
        if (session != null) {
            session.activeMillis = nowMillis;
            changed.add(number);
        }
        return session;
    }

    private SessionVerdict close(long number) {
        Session closed = sessions.remove(number);
        if (closed == null) {
            return expired();
        }
        removed(number, closed);
        return new SessionVerdict.Done();
    }

    private void removed(long number, Session session) {
        reservedBytes -= session.opened.reservedBytes();
        changed.add(number);
    }

    /**
     * Log time goes on from where the proposer saw it, or not at all: of several who have counted the same second, one is
     * heard, so it never goes faster than the fastest of their clocks, and a clock that jumps has no say.
     */
    private SessionVerdict tick(SessionCommand.Tick tick) {
        if (tick.fromMillis() == nowMillis && tick.elapsedMillis() > 0) {
            nowMillis += Math.min(tick.elapsedMillis(), MAX_STEP_MILLIS);
            changed.add(HEAD);
            endIdle();
        }
        return new SessionVerdict.Done();
    }

    private void endIdle() {
        for (Iterator<Map.Entry<Long, Session>> all = sessions.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Long, Session> next = all.next();
            Session session = next.getValue();
            if (nowMillis - session.activeMillis >= session.opened.timeoutMillis()) {
                all.remove();
                removed(next.getKey(), session);
            }
        }
    }

    private static SessionVerdict expired() {
        return refused(SessionRefusal.EXPIRED);
    }

    private static SessionVerdict refused(SessionRefusal why) {
        return new SessionVerdict.Refused(why);
    }

    // ---- records --------------------------------------------------------------------------------------------------

    /** The records that are not as at the last call. Every answer must be {@linkplain #remember remembered} first. */
    public List<Change> takeChanges() {
        List<Change> changes = new ArrayList<>(changed.size());
        for (long key : changed) {
            changes.add(new Change(key, record(key)));
        }
        changed.clear();
        return changes;
    }

    private byte @Nullable [] record(long key) {
        if (key == HEAD) {
            return ByteBuffer.allocate(20)
                    .putLong(nowMillis)
                    .putInt(limits.maxSessions())
                    .putLong(limits.maxReservedBytes())
                    .array();
        }
        Session session = sessions.get(key);
        return session == null ? null : session.encode();
    }

    /** All records: what a snapshot must hold. Every answer must be {@linkplain #remember remembered} first. */
    public List<Change> records() {
        List<Change> records = new ArrayList<>(1 + sessions.size());
        records.add(new Change(HEAD, record(HEAD)));
        for (Map.Entry<Long, Session> each : sessions.entrySet()) {
            records.add(new Change(each.getKey(), each.getValue().encode()));
        }
        return records;
    }

    /**
     * Replaces the whole table.
     *
     * @param records all of them, in any order; none for an empty table
     * @throws IllegalArgumentException if no table has written them
     */
    public void load(Iterable<Change> records) {
        sessions.clear();
        reservedBytes = 0;
        nowMillis = 0;
        limits = SessionLimits.DEFAULT;
        for (Change each : records) {
            byte[] value = each.value();
            if (value == null) {
                throw new IllegalArgumentException("the record of session " + each.key() + " has no value");
            } else if (each.key() == HEAD) {
                ByteBuffer in = ByteBuffer.wrap(value);
                nowMillis = in.getLong();
                limits = new SessionLimits(in.getInt(), in.getLong());
            } else {
                put(each.key(), Session.decode(ByteBuffer.wrap(value)));
            }
        }
        changed.clear();
    }

    // ---- a session ------------------------------------------------------------------------------------------------

    /** @param bytes null if they were too many, or are not known yet */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Answer(boolean isRunning, byte @Nullable [] bytes) {
        static final Answer RUNNING = new Answer(true, null);

        Answer(byte @Nullable [] bytes) {
            this(false, bytes);
        }
    }

    private static final class Session {
        private static final int NOT_KEPT = -1;

        final SessionCommand.Open opened;
        final TreeMap<Long, Answer> answers = new TreeMap<>();
        long firstOutstanding = 1;
        long activeMillis;

        Session(SessionCommand.Open opened, long activeMillis) {
            this.opened = opened;
            this.activeMillis = activeMillis;
        }

        void acknowledge(long first) {
            if (first > firstOutstanding) {
                firstOutstanding = first;
                answers.headMap(first).clear();
            }
        }

        byte[] encode() {
            int bytes = 36;
            for (Answer answer : answers.values()) {
                bytes += 12 + (answer.bytes == null ? 0 : answer.bytes.length);
            }
            ByteBuffer out = ByteBuffer.allocate(bytes)
                    .putLong(opened.timeoutMillis())
                    .putInt(opened.maxOutstanding())
                    .putInt(opened.maxAnswerBytes())
                    .putLong(firstOutstanding)
                    .putLong(activeMillis)
                    .putInt(answers.size());
            answers.forEach((sequence, answer) -> {
                if (answer.isRunning) {
                    throw new IllegalStateException("the answer to " + sequence + " was not remembered yet");
                }
                out.putLong(sequence).putInt(answer.bytes == null ? NOT_KEPT : answer.bytes.length);
                if (answer.bytes != null) {
                    out.put(answer.bytes);
                }
            });
            return out.array();
        }

        static Session decode(ByteBuffer in) {
            SessionCommand.Open opened = new SessionCommand.Open(in.getLong(), in.getInt(), in.getInt());
            long first = in.getLong();
            Session session = new Session(opened, in.getLong());
            session.firstOutstanding = first;
            for (int left = in.getInt(); left > 0; left--) {
                long sequence = in.getLong();
                int length = in.getInt();
                byte[] bytes = null;
                if (length != NOT_KEPT) {
                    bytes = new byte[length];
                    in.get(bytes);
                }
                session.answers.put(sequence, new Answer(bytes));
            }
            return session;
        }
    }
}
