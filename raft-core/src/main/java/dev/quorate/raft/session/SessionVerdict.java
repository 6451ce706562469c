package dev.quorate.raft.session;

import org.jspecify.annotations.Nullable;

/** What is to be done with one entry. The same on every member, whatever else stands in the same batch. */
public sealed interface SessionVerdict {

    /**
     * The command is to be applied, and, in a session, its answer {@linkplain SessionTable#remember remembered}.
     *
     * @param session 0 for a command outside of any
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Run(long session, long sequence, byte[] command) implements SessionVerdict {}

    /**
     * The command was applied before; nothing is to be done.
     *
     * @param answer what it was answered; null if that was longer than the session remembers
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Repeated(byte @Nullable [] answer) implements SessionVerdict {}

    /** The command runs already, and its answer was not remembered yet: remember it, and ask again. */
    record Running() implements SessionVerdict {}

    /** The session is open, under this number. */
    record Opened(long session) implements SessionVerdict {}

    /** A keep-alive, a close, a tick, new limits: done. */
    record Done() implements SessionVerdict {}

    /** Nothing is to be done. */
    record Refused(SessionRefusal why) implements SessionVerdict {}
}
