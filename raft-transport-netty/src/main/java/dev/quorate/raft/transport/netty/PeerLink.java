package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.transport.netty.wire.Wire.ConnectionKind;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import dev.quorate.raft.transport.netty.wire.Wire.Ping;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The way to one peer: dials it, again and again if need be, and sends it messages while there is a connection. Messages
 * that come while there is none are dropped: they would be out of date when it is back.
 *
 * <p>Lives on one event loop. What other threads may call says so.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is heard of
final class PeerLink implements Dialler.Outcome, FrameHandler {

    private final NodeId peer;
    private final HostPort address;
    private final EventLoop loop;
    private final Dialler dialler;
    private final PeerLog log;
    private final NettyTransportOptions options;
    private final OutboundQueue queue;
    private final Unreachable unreachable;
    private final RoundTrips roundTrips;
    private final Backoff backoff;
    private final LogLimiter failures = PeerLog.limiter();
    private final LogLimiter successes = PeerLog.limiter();
    private final AtomicBoolean pumpScheduled = new AtomicBoolean();
    private volatile boolean connected;
    private volatile boolean hasNews;
    private volatile boolean dropped;
    private volatile boolean closed;

    private @Nullable FrameConnection connection;
    private @Nullable FrameWriter writer;
    private @Nullable Future<?> redial;
    private @Nullable Future<?> pings;
    /** When each ping left that is not answered yet; they are answered in their order. */
    private final ArrayDeque<Long> unansweredNanos = new ArrayDeque<>();

    private @Nullable String lastFailure;
    private long connectedAtNanos;

    PeerLink(
            NodeId peer,
            HostPort address,
            EventLoop loop,
            Dialler dialler,
            Callbacks callbacks,
            RoundTrips roundTrips,
            PeerLog log,
            NettyTransportOptions options) {
        this.peer = peer;
        this.address = address;
        this.loop = loop;
        this.dialler = dialler;
        this.roundTrips = roundTrips;
        this.log = log;
        this.options = options;
        this.queue = new OutboundQueue(options.maxQueuedBytesPerPeer());
        this.unreachable = new Unreachable(peer, loop, callbacks);
        this.backoff = new Backoff(options.reconnectMin(), options.reconnectMax(), new Random());
    }

    HostPort address() {
        return address;
    }

    /** Any thread. */
    void start() {
        onLoop(this::dial);
    }

    /** Queues a message, or drops it. {@link #wake} must follow. Any thread, never blocks. */
    void offer(Message message) {
        if (!connected || !queue.offer(message)) {
            dropped = true;
        }
        hasNews = true;
    }

    /** Has the event loop look at what was offered; one task for however many messages. Any thread. */
    void wake() {
        if (hasNews && pumpScheduled.compareAndSet(false, true)) {
            onLoop(this::pump);
        }
    }

    /** The peer is known to be alive: do not wait any longer. Any thread. */
    void dialNow() {
        onLoop(() -> {
            if (redial != null && redial.cancel(false)) {
                redial = null;
                dial();
            }
        });
    }

    /** Any thread. */
    void close(String cause) {
        closed = true;
        onLoop(() -> {
            if (redial != null) {
                redial.cancel(false);
            }
            if (connection != null) {
                connection.close(cause, false);
            }
        });
    }

    private void onLoop(Runnable task) {
        if (!IoThreads.run(loop, task)) {
            closed = true;
        }
    }

    private void dial() {
        redial = null;
        if (address.port() == 0) {
            failed("that is no address to connect to");
        } else if (!closed) {
            dialler.dial(loop, peer, address, ConnectionKind.CONNECTION_KIND_MESSAGES, this);
        }
    }

    private void dialLater() {
        if (!closed) {
            redial = loop.schedule(this::dial, backoff.nextDelayMillis(), TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public FrameHandler welcomed(FrameConnection welcoming) {
        if (closed) {
            welcoming.close("it is no peer any more", false);
            return this;
        }
        connection = welcoming;
        writer = new FrameWriter(welcoming.channel().alloc());
        connectedAtNanos = System.nanoTime();
        welcoming.expectTraffic(options.idleTimeout());
        long pingMillis = Math.max(1, options.idleTimeout().toMillis() / 3);
        pings = loop.scheduleAtFixedRate(() -> ping(welcoming), pingMillis, pingMillis, TimeUnit.MILLISECONDS);
        lastFailure = null;
        log.state(successes, "connected to " + peer + " at " + address);
        connected = true;
        return this;
    }

    @Override
    public void failed(String cause) {
        if (!closed && !cause.equals(lastFailure)) {
            lastFailure = cause;
            log.warn(failures, "cannot connect to " + peer + " at " + address + ": " + cause + "; will try again");
        }
        dialLater();
    }

    private void ping(FrameConnection current) {
        unansweredNanos.add(System.nanoTime());
        current.send(Frame.of(Header.newBuilder().setGroupId(options.groupId()).setPing(Ping.getDefaultInstance())));
    }

    @Override
    public void onFrame(FrameConnection current, Frame frame) throws MalformedFrameException {
        if (!frame.header().hasPong()) {
            throw new MalformedFrameException("a frame of kind "
                    + frame.header().getKindCase() + " came on a connection that is for sending only");
        }
        Long sentNanos = unansweredNanos.poll();
        if (sentNanos == null) {
            throw new MalformedFrameException("it answers a ping that was not sent");
        }
        roundTrips.took(peer, System.nanoTime() - sentNanos);
    }

    @Override
    public void onWritabilityChanged(FrameConnection current) {
        // The other news comes out of the middle of a write.
        if (current.channel().isWritable()) {
            pump();
        }
    }

    @Override
    public void onClosed(FrameConnection current, String cause, boolean violation) {
        if (current != connection) {
            return;
        }
        connected = false;
        connection = null;
        writer = null;
        if (pings != null) {
            pings.cancel(false);
        }
        unansweredNanos.clear();
        queue.clear();
        if (closed) {
            return;
        }
        unreachable.note();
        log.warn(failures, "lost the connection to " + peer + " at " + address + ": " + cause + "; will dial again");
        // A peer that takes the connection and drops it at once must not be dialled at full speed.
        if (System.nanoTime() - connectedAtNanos >= options.reconnectMax().toNanos()) {
            backoff.reset();
        }
        dialLater();
    }

    /** Moves messages from the queue to the socket, as many as it may have at once; the rest when it asks for more. */
    private void pump() {
        pumpScheduled.set(false);
        hasNews = false;
        if (closed) {
            queue.clear();
            return;
        }
        if (dropped) {
            dropped = false;
            unreachable.note();
        }
        if (connection == null || writer == null) {
            if (queue.clear()) {
                unreachable.note();
            }
            return;
        }
        Channel channel = connection.channel();
        while (channel.isWritable() && fill(writer, channel.bytesBeforeUnwritable())) {
            writer.writeTo(channel);
        }
        channel.flush();
    }

    /** Lays out messages up to the given size, or one that is larger; false if there are none. */
    private boolean fill(FrameWriter target, long roomBytes) {
        while (target.bytes() < roomBytes) {
            Message message = queue.poll();
            if (message == null) {
                break;
            }
            Frame frame;
            try {
                frame = MessageEncoder.encode(options.groupId(), message);
            } catch (IllegalArgumentException e) {
                log.bug("a message to " + peer + " is unusable and was dropped", e);
                continue;
            }
            long length = FrameWriter.lengthOf(frame);
            if (length <= options.maxFrameBytes()
                    && frame.payloads().size() <= Protocol.MAX_PAYLOADS
                    && frame.header().getSerializedSize() <= Protocol.MAX_HEADER_BYTES) {
                target.append(frame, length);
            } else {
                refuse(frame, length);
            }
        }
        return target.bytes() > 0;
    }

    private void refuse(Frame frame, long length) {
        log.warn(
                failures,
                "a message of kind " + frame.header().getKindCase() + " to " + peer + " with "
                        + frame.payloads().size() + " payloads, " + length + " bytes long, exceeds the limits of "
                        + options.maxFrameBytes() + " bytes and " + Protocol.MAX_PAYLOADS
                        + " payloads, and was dropped; raise maxFrameBytes at all members");
        unreachable.note();
    }
}
