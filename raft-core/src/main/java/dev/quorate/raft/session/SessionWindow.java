package dev.quorate.raft.session;

import java.util.TreeSet;

/** A client's side of a session: gives each command its number, the same for every try. Not for several threads at once. */
public final class SessionWindow {

    private final long session;
    private final int maxOutstanding;
    private final TreeSet<Long> outstanding = new TreeSet<>();
    private long nextSequence;

    /**
     * @param session what opening it was answered
     * @param maxOutstanding as it was opened with
     * @param firstOutstanding 1 for a new session; for one that is resumed, the lowest number whose answer is not known
     * @param nextSequence 1 for a new session; for one that is resumed, the lowest number that was never used. All from {@code
     *     firstOutstanding} on are outstanding until they {@link #end}
     */
    public SessionWindow(long session, int maxOutstanding, long firstOutstanding, long nextSequence) {
        if (firstOutstanding < 1
                || nextSequence < firstOutstanding
                || nextSequence - firstOutstanding > maxOutstanding) {
            throw new IllegalArgumentException("a session with at most " + maxOutstanding
                    + " outstanding commands cannot have those from " + firstOutstanding + " to before "
                    + nextSequence);
        }
        this.session = session;
        this.maxOutstanding = maxOutstanding;
        this.nextSequence = nextSequence;
        for (long sequence = firstOutstanding; sequence < nextSequence; sequence++) {
            outstanding.add(sequence);
        }
    }

    /** The number of the session. */
    public long session() {
        return session;
    }

    /** The number of the next command. */
    public long nextSequence() {
        return nextSequence;
    }

    /** The lowest number whose answer the client still wants. */
    public long firstOutstanding() {
        return outstanding.isEmpty() ? nextSequence : outstanding.first();
    }

    /** True if no more can begin before the oldest ends: what the group remembers is a window, not a set. */
    public boolean isFull() {
        return nextSequence - firstOutstanding() >= maxOutstanding;
    }

    /** A new command begins; returns its number. */
    public long begin() {
        if (isFull()) {
            throw new IllegalStateException(maxOutstanding + " commands of session " + session + " are outstanding");
        }
        outstanding.add(nextSequence);
        return nextSequence++;
    }

    /** True if this command has begun and not ended. */
    public boolean isOutstanding(long sequence) {
        return outstanding.contains(sequence);
    }

    /** One more try of a command that has begun. */
    public SessionCommand.Apply attempt(long sequence, byte[] command) {
        return new SessionCommand.Apply(session, sequence, firstOutstanding(), command);
    }

    /** The answer is known, or nobody wants it any more: then a try that is still on its way will do nothing, or has done it. */
    public void end(long sequence) {
        outstanding.remove(sequence);
    }
}
