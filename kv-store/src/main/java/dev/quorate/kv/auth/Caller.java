package dev.quorate.kv.auth;

/**
 * Who asks.
 *
 * @param user empty for somebody who has shown neither a token nor a certificate
 * @param revision the auth revision as of which he is known; what was allowed under it is refused under a later one
 */
public record Caller(String user, long revision) {

    /** Somebody without a name. */
    public static final Caller NOBODY = new Caller("", 0);
}
