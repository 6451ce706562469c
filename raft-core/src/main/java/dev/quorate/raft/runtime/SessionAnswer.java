package dev.quorate.raft.runtime;

import dev.quorate.raft.session.SessionRefusal;

/** What an entry of a group with sessions is answered. */
public sealed interface SessionAnswer<R> {

    /**
     * The command is applied.
     *
     * @param isRepeated true if an earlier entry had applied it, and this one did nothing
     */
    record Applied<R>(R result, boolean isRepeated) implements SessionAnswer<R> {}

    /** An earlier entry had applied the command; its answer was longer than the session remembers. */
    record NotKept<R>() implements SessionAnswer<R> {}

    /** The session is open, under this number. */
    record Opened<R>(long session) implements SessionAnswer<R> {}

    /** A keep-alive, a close, or what a leader says: done. */
    record Done<R>() implements SessionAnswer<R> {}

    /** This entry did nothing. Whether an earlier one did, it does not say. */
    record Refused<R>(SessionRefusal why) implements SessionAnswer<R> {}
}
