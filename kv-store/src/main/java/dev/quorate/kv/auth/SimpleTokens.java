package dev.quorate.kv.auth;

import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Tokens that mean nothing by themselves: sixteen random letters and a number, as etcd's are. Every member knows those that were
 * issued since it started, and forgets one that nobody has shown to it for a while; its owner then authenticates again.
 */
public final class SimpleTokens implements Tokens {

    /** How long after its last use a token is worth something (etcd's default). */
    public static final Duration LIFE = Duration.ofMinutes(5);

    /** Tokens that a member remembers; beyond that the oldest go first. Some 20 MB. */
    public static final int MAX_TOKENS = 100_000;

    private static final int LETTERS = 16;
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private final SecureRandom random = new SecureRandom();
    private final LongSupplier nanoTime;
    private final LongSupplier number;
    private final Map<String, Issued> issued = new ConcurrentHashMap<>();
    /** In the order of their acceptance. */
    private final ArrayDeque<String> order = new ArrayDeque<>(); // guarded by itself

    private static final class Issued {
        private final String user;
        private volatile long usedNanos;

        Issued(String user, long usedNanos) {
            this.user = user;
            this.usedNanos = usedNanos;
        }
    }

    /**
     * @param nanoTime a monotonic clock
     * @param number follows the letters: the index of the log that this member knows of
     */
    public SimpleTokens(LongSupplier nanoTime, LongSupplier number) {
        this.nanoTime = nanoTime;
        this.number = number;
    }

    @Override
    public String issue(String user, long revision) {
        StringBuilder token = new StringBuilder();
        for (int i = 0; i < LETTERS; i++) {
            token.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return token.append('.').append(number.getAsLong()).toString();
    }

    @Override
    public boolean mustBeAccepted() {
        return true;
    }

    @Override
    public void accept(String token, String user) {
        synchronized (order) {
            issued.put(token, new Issued(user, nanoTime.getAsLong()));
            order.add(token);
            while (!order.isEmpty() && (order.size() > MAX_TOKENS || isOver(order.getFirst()))) {
                issued.remove(order.removeFirst());
            }
        }
    }

    private boolean isOver(String token) {
        Issued known = issued.get(token);
        return known == null || nanoTime.getAsLong() - known.usedNanos > LIFE.toNanos();
    }

    @Override
    public Caller caller(String token, AuthState state) throws KvException {
        Issued known = issued.get(token);
        long now = nanoTime.getAsLong();
        if (known == null || now - known.usedNanos > LIFE.toNanos()) {
            throw new KvException(KvError.INVALID_AUTH_TOKEN);
        }
        known.usedNanos = now;
        return new Caller(known.user, state.revision());
    }

    @Override
    public void forget(String user) {
        issued.values().removeIf(known -> known.user.equals(user));
    }

    @Override
    public void forgetAll() {
        issued.clear();
    }
}
