package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.runtime.Transport.SnapshotReceiver;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotFailed;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotRequest;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotWanted;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Sends and fetches snapshots, each on a thread of its own, a few at a time: who comes when all are busy is told so and
 * asks again later.
 */
final class SnapshotService {

    private static final long IDLE_THREAD_SECONDS = 10;
    private static final long CLOSE_SECONDS = 2;

    private final NettyTransportOptions options;
    private final PeerLog log;
    private final Callbacks callbacks;
    private final RateLimiter rate;
    private final ThreadPoolExecutor senders;
    private final ThreadPoolExecutor fetchers;

    SnapshotService(NettyTransportOptions options, PeerLog log, Callbacks callbacks) {
        this.options = options;
        this.log = log;
        this.callbacks = callbacks;
        this.rate = new RateLimiter(options.snapshotBytesPerSecond(), System.nanoTime());
        this.senders = threads("snapshot-send");
        this.fetchers = threads("snapshot-fetch");
    }

    private ThreadPoolExecutor threads(String name) {
        return new ThreadPoolExecutor(
                0,
                options.maxSnapshotSends(),
                IDLE_THREAD_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                new DefaultThreadFactory("raft-" + options.localId() + "-" + name, true));
    }

    CompletableFuture<Void> fetch(
            NodeId from,
            HostPort address,
            SnapshotMeta snapshot,
            SnapshotReceiver receiver,
            Dialler dialler,
            EventLoop loop) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        SnapshotFetch fetch = new SnapshotFetch(from, address, snapshot, receiver, dialler, loop, options, done);
        try {
            fetchers.execute(() -> run(fetch, done));
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(new IOException(
                    fetchers.isShutdown()
                            ? "the transport of " + options.localId() + " is closed"
                            : "the limit of " + options.maxSnapshotSends()
                                    + " snapshots that are fetched at once is reached; try again later"));
        }
        return done;
    }

    private void run(SnapshotFetch fetch, CompletableFuture<Void> done) {
        try {
            fetch.run();
            done.complete(null);
        } catch (IOException | InterruptedException e) {
            // Stopping interrupts whatever this was waiting for, and closes its file and its connection.
            boolean stopping = e instanceof InterruptedException || fetchers.isShutdown();
            done.completeExceptionally(
                    stopping
                            ? new IOException(
                                    "the transport of " + options.localId() + " was closed while it fetched " + fetch,
                                    e)
                            : e);
        } catch (RuntimeException e) {
            log.bug("fetching " + fetch + " failed", e);
            done.completeExceptionally(new IOException("fetching " + fetch + " failed: " + e, e));
        }
    }

    /** The handler of a connection whose dialler will ask for a snapshot. */
    FrameHandler serve(NodeId to, FrameConnection connection) {
        SnapshotOutlet outlet = new SnapshotOutlet(connection, options.snapshotStallTimeout());
        Future<?> timeout = connection
                .channel()
                .eventLoop()
                .schedule(
                        () -> connection.close("it did not ask for a snapshot", true),
                        options.handshakeTimeout().toMillis(),
                        TimeUnit.MILLISECONDS);
        CompletableFuture<SnapshotWanted> wanted = new CompletableFuture<>();
        return new FrameHandler() {
            private boolean asked;

            @Override
            public void onFrame(FrameConnection open, Frame frame) throws MalformedFrameException {
                Header header = frame.header();
                if (!asked && header.hasSnapshotRequest() && frame.payloads().isEmpty()) {
                    asked = true;
                    timeout.cancel(false);
                    send(to, connection, header.getSnapshotRequest(), wanted, outlet);
                } else if (!asked
                        || !header.hasSnapshotWanted()
                        || !frame.payloads().isEmpty()
                        || !wanted.complete(header.getSnapshotWanted())) {
                    throw new MalformedFrameException("a frame of kind " + header.getKindCase()
                            + " came where a request for a snapshot was expected");
                }
            }

            @Override
            public void onClosed(FrameConnection closed, String cause, boolean violation) {
                timeout.cancel(false);
                wanted.completeExceptionally(new IOException(cause));
                outlet.closed(cause);
                if (violation) {
                    log.stranger("closed the snapshot connection from " + to + " at " + closed.remote() + ": " + cause);
                }
            }
        };
    }

    private void send(
            NodeId to,
            FrameConnection connection,
            SnapshotRequest request,
            Future<SnapshotWanted> wanted,
            SnapshotOutlet outlet)
            throws MalformedFrameException {
        SnapshotMeta snapshot;
        try {
            snapshot = MessageDecoder.snapshotMeta(request.getSnapshot());
        } catch (IllegalArgumentException e) {
            throw new MalformedFrameException("a request for a snapshot is unusable: " + e.getMessage());
        }
        SnapshotSend send = new SnapshotSend(to, snapshot, wanted, outlet, callbacks, rate, options, log);
        try {
            senders.execute(send);
        } catch (RejectedExecutionException e) {
            String reason = "the limit of " + options.maxSnapshotSends()
                    + " snapshots that are sent at once is reached; try again later";
            connection.sendAndClose(
                    Frame.of(Header.newBuilder()
                            .setGroupId(options.groupId())
                            .setSnapshotFailed(SnapshotFailed.newBuilder().setReason(reason))),
                    reason,
                    false);
        }
    }

    /** Ends all transfers; fetches fail. */
    void shutDown() {
        senders.shutdownNow();
        fetchers.shutdownNow();
    }

    /** Waits a short while for the threads of a service that was shut down. */
    void await() throws InterruptedException {
        fetchers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        senders.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
}
