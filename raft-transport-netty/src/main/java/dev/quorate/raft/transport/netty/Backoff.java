package dev.quorate.raft.transport.netty;

import java.time.Duration;
import java.util.Random;

/**
 * How long to wait before the next try: each wait is twice the last, up to a limit, and is drawn from the upper half of
 * [0, wait], because members that lost the same peer at the same moment should not come back at the same moment.
 */
final class Backoff {

    private final long minMillis;
    private final long maxMillis;
    private final Random random;
    private long nextMillis;

    Backoff(Duration min, Duration max, Random random) {
        this.minMillis = min.toMillis();
        this.maxMillis = max.toMillis();
        this.random = random;
        this.nextMillis = minMillis;
    }

    long nextDelayMillis() {
        long wait = nextMillis;
        nextMillis = Math.min(maxMillis, nextMillis * 2);
        long half = wait / 2;
        return half + (long) (random.nextDouble() * (wait - half + 1));
    }

    void reset() {
        nextMillis = minMillis;
    }
}
