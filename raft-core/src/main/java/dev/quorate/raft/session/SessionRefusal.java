package dev.quorate.raft.session;

/** Why an entry of a session did nothing. */
public enum SessionRefusal {
    /** There is no such session (any more): it was idle for its timeout, or closed. Numbers are never used again. */
    EXPIRED,
    /** The group remembers as much as its {@link SessionLimits} allow. */
    TOO_MANY_SESSIONS,
    /** The client has said that it knows the answer; it is forgotten. A late copy: nobody waits for it. */
    ACKNOWLEDGED,
    /** The number is too far ahead of the lowest outstanding one: more are outstanding than the session was opened for. */
    OUT_OF_WINDOW,
    /** Bytes that no version of this library has written, or a value out of its range. */
    MALFORMED
}
