package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.NodeId;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The transport's lines in the log, each beginning with the member whose transport it is. */
final class PeerLog {

    private static final Logger LOG = LoggerFactory.getLogger(NettyTransport.class);
    /** Enough to see what is going on, and less than 1 MB of log in a day of attacks. */
    private static final int LINES_PER_PERIOD = 5;

    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final NodeId local;
    private final LogLimiter strangers = limiter();
    private final LogLimiter bugs = limiter();

    PeerLog(NodeId local) {
        this.local = local;
    }

    /** A limiter for lines of one kind, with this log's rate. */
    static LogLimiter limiter() {
        return new LogLimiter(LINES_PER_PERIOD, PERIOD_NANOS, System.nanoTime());
    }

    /** Something is now different from before. */
    void state(String line) {
        LOG.info("{}: {}", local, line);
    }

    /** As {@link #state}, when others decide how often it happens. */
    void state(LogLimiter limiter, String line) {
        limiter.log(line, System.nanoTime(), this::state);
    }

    /** Something is wrong that an operator should look at. */
    void warn(String line) {
        LOG.warn("{}: {}", local, line);
    }

    /** As {@link #warn}, when others decide how often it happens. */
    void warn(LogLimiter limiter, String line) {
        limiter.log(line, System.nanoTime(), this::warn);
    }

    /** Somebody connected who does not belong here, or does not keep to the protocol. */
    void stranger(String line) {
        warn(strangers, line);
    }

    /** What should never happen. */
    void bug(String line, Throwable cause) {
        bugs.log(line, System.nanoTime(), shown -> LOG.error(local + ": " + shown, cause));
    }
}
