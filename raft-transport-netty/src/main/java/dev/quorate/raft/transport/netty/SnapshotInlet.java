package dev.quorate.raft.transport.netty;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The receiving end of a snapshot connection, for one thread that may block. When that thread does not keep up, the socket
 * is not read any more, so that only a few frames are in memory at any time.
 */
final class SnapshotInlet implements FrameHandler {

    /** Nothing came for too long. */
    static final class Stalled extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** The connection ended. */
    static final class Ended extends Exception {
        private static final long serialVersionUID = 1L;

        Ended(String cause) {
            super(cause);
        }
    }

    private record Event(@Nullable Frame frame, String cause) {}

    private static final int MAX_FRAMES = 4;

    private final FrameConnection connection;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    SnapshotInlet(FrameConnection connection) {
        this.connection = connection;
    }

    void send(Frame frame) {
        connection.send(frame);
    }

    /** The next frame. */
    Frame take(Duration timeout) throws Stalled, Ended, InterruptedException {
        Event event = events.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
        if (event == null) {
            throw new Stalled();
        }
        Channel channel = connection.channel();
        if (!channel.config().isAutoRead()) {
            IoThreads.run(channel.eventLoop(), this::readIfThereIsRoom);
        }
        if (event.frame() == null) {
            throw new Ended(event.cause());
        }
        return event.frame();
    }

    void close() {
        connection.close("the fetch ended", false);
    }

    @Override
    public void onFrame(FrameConnection open, Frame frame) {
        events.add(new Event(frame, ""));
        if (events.size() >= MAX_FRAMES) {
            open.channel().config().setAutoRead(false);
            // The other thread may have taken everything before it could see that reading has stopped.
            readIfThereIsRoom();
        }
    }

    private void readIfThereIsRoom() {
        if (events.size() < MAX_FRAMES) {
            connection.channel().config().setAutoRead(true);
        }
    }

    @Override
    public void onClosed(FrameConnection closed, String cause, boolean violation) {
        events.add(new Event(null, cause));
    }
}
