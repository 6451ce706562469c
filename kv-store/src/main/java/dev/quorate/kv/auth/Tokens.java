package dev.quorate.kv.auth;

import dev.quorate.kv.mvcc.KvException;

/** What a client shows after it has given its password once. Any thread. */
public interface Tokens {

    /**
     * A new token for a user whose password was right.
     *
     * @param revision the auth revision as of which it was
     * @throws KvException if this member only verifies
     */
    String issue(String user, long revision) throws KvException;

    /** True if a token is worth something only where it was {@link #accept accepted}. */
    boolean mustBeAccepted();

    /** Every member hears of a token, through the log, that {@link #mustBeAccepted}. */
    void accept(String token, String user);

    /**
     * Who shows this token.
     *
     * @param state the newest
     * @throws KvException if it is none, or none any more
     */
    Caller caller(String token, AuthState state) throws KvException;

    /** A user is gone, or has another password: his tokens are worth nothing any more. */
    void forget(String user);

    /** Nobody needs a token any more. */
    void forgetAll();
}
