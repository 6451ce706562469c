package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.NodeId;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/**
 * Tells the member that messages to a peer were lost: at once, but not more often than every 50 ms, the last time included.
 * Without that limit a member that answers the news with a message, which is lost too, would never come to rest; without
 * the late news it would wait for an answer to the message that was lost last. On the event loop only.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is heard of
final class Unreachable {

    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final NodeId peer;
    private final EventLoop loop;
    private final Callbacks callbacks;
    private long quietUntilNanos = System.nanoTime();
    private boolean scheduled;

    Unreachable(NodeId peer, EventLoop loop, Callbacks callbacks) {
        this.peer = peer;
        this.loop = loop;
        this.callbacks = callbacks;
    }

    void note() {
        if (scheduled) {
            return;
        }
        long quietNanos = quietUntilNanos - System.nanoTime();
        if (quietNanos <= 0) {
            tell();
        } else {
            scheduled = true;
            loop.schedule(this::tell, quietNanos, TimeUnit.NANOSECONDS);
        }
    }

    private void tell() {
        scheduled = false;
        quietUntilNanos = System.nanoTime() + INTERVAL_NANOS;
        callbacks.unreachable(peer);
    }
}
