package dev.quorate.raft.transport.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The sending end of a snapshot connection, for one thread that may block: a write waits until the socket has taken what
 * was written some chunks before, so that only a few are in memory at any time.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is heard of
final class SnapshotOutlet {

    /** How many frames may be on their way to the socket: enough to keep it busy while the next one is read. */
    private static final int MAX_FRAMES = 4;

    private final FrameConnection connection;
    private final Duration stallTimeout;
    private final FrameWriter writer;
    private final Semaphore places = new Semaphore(MAX_FRAMES);
    private volatile @Nullable String closeCause;

    SnapshotOutlet(FrameConnection connection, Duration stallTimeout) {
        this.connection = connection;
        this.stallTimeout = stallTimeout;
        this.writer = new FrameWriter(connection.channel().alloc());
    }

    /** @throws IOException if the receiver is gone, or took nothing for too long */
    void write(Frame frame) throws IOException, InterruptedException {
        takePlaces(1);
        hand(frame).addListener(written -> places.release());
    }

    /** Writes the last frame and closes the connection; returns when all is with the operating system. */
    void writeLast(Frame frame) throws IOException, InterruptedException {
        takePlaces(MAX_FRAMES);
        boolean written = hand(frame).addListener(ChannelFutureListener.CLOSE).await(stallTimeout.toMillis());
        if (!written) {
            throw stalled();
        }
    }

    private ChannelFuture hand(Frame frame) {
        Channel channel = connection.channel();
        writer.append(frame, FrameWriter.lengthOf(frame));
        writer.writeTo(channel);
        return channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
    }

    private void takePlaces(int count) throws IOException, InterruptedException {
        boolean taken = places.tryAcquire(count, stallTimeout.toMillis(), TimeUnit.MILLISECONDS);
        String cause = closeCause;
        if (cause != null) {
            throw new IOException("the connection ended: " + cause);
        }
        if (!taken) {
            throw stalled();
        }
    }

    private IOException stalled() {
        String what = "the receiver took nothing for " + stallTimeout.toMillis() + " ms";
        connection.close(what, false);
        return new IOException(what);
    }

    /** The connection is gone: whoever waits need not wait any longer. */
    void closed(String cause) {
        closeCause = cause;
        places.release(MAX_FRAMES);
    }
}
