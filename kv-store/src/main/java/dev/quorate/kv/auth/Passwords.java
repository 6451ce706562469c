package dev.quorate.kv.auth;

import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import java.nio.charset.StandardCharsets;
import org.springframework.security.crypto.bcrypt.BCrypt;

/**
 * Passwords are kept as bcrypt hashes, as in etcd. One look costs some 50 ms of a processor, by intention: never on a thread that
 * others wait for.
 */
public final class Passwords {

    /** Twice the work for each one more; etcd's default. */
    public static final int DEFAULT_COST = 10;

    /** What bcrypt looks at. */
    public static final int MAX_BYTES = 72;

    private final int cost;
    /** Compared with in place of the hash of a user who is not there, so that the time to answer does not tell who is. */
    private final String nobodysHash;

    /** @param cost from 4 to 31 */
    public Passwords(int cost) {
        this.cost = cost;
        this.nobodysHash = BCrypt.hashpw("", BCrypt.gensalt(cost));
    }

    /** @throws KvException if the password is longer than {@value #MAX_BYTES} bytes */
    public String hash(String password) throws KvException {
        if (password.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new KvException(KvError.PASSWORD_TOO_LONG);
        }
        return BCrypt.hashpw(password, BCrypt.gensalt(cost));
    }

    /** @throws KvException unless it is this user's password */
    public void verify(AuthState state, String user, String password) throws KvException {
        var known = state.user(user);
        boolean hasPassword = known != null
                && !known.getOptions().getNoPassword()
                && !known.getPassword().isEmpty();
        String hash = known != null && hasPassword ? known.getPassword().toStringUtf8() : nobodysHash;
        boolean isShort = password.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
        if (!BCrypt.checkpw(isShort ? password : "", hash) || !hasPassword || !isShort) {
            throw new KvException(KvError.AUTH_FAILED);
        }
    }
}
