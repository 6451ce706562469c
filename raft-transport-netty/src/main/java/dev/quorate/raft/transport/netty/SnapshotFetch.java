package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.runtime.SnapshotFile;
import dev.quorate.raft.runtime.Transport.SnapshotPart;
import dev.quorate.raft.runtime.Transport.SnapshotReceiver;
import dev.quorate.raft.transport.netty.wire.Wire.ConnectionKind;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotRequest;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Fetches one snapshot from one peer. A connection that is lost on the way is dialled again, and the receiver says from where
 * it goes on; only a fault that another try would not cure ends it.
 */
final class SnapshotFetch {

    /** How many connections in a row may be lost without one more byte received: some six seconds of waiting. */
    private static final int MAX_FRUITLESS_ATTEMPTS = 5;

    private static final Duration FIRST_WAIT = Duration.ofMillis(250);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

    private final NodeId from;
    private final HostPort address;
    private final SnapshotMeta snapshot;
    private final SnapshotReceiver receiver;
    private final Dialler dialler;
    private final EventLoop loop;
    private final NettyTransportOptions options;
    private final CompletableFuture<Void> done;
    private final Backoff backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT, new Random());
    private boolean hasBegun;
    private long awaitedBytes;
    private long receivedBytes;

    SnapshotFetch(
            NodeId from,
            HostPort address,
            SnapshotMeta snapshot,
            SnapshotReceiver receiver,
            Dialler dialler,
            EventLoop loop,
            NettyTransportOptions options,
            CompletableFuture<Void> done) {
        this.from = from;
        this.address = address;
        this.snapshot = snapshot;
        this.receiver = receiver;
        this.dialler = dialler;
        this.loop = loop;
        this.options = options;
        this.done = done;
    }

    /** Returns when everything was handed to the receiver. */
    void run() throws IOException, InterruptedException {
        try {
            int fruitless = 0;
            for (boolean complete = false; !complete; ) {
                long receivedBefore = receivedBytes;
                try {
                    transfer();
                    complete = true;
                } catch (SnapshotInlet.Ended e) {
                    fruitless = receivedBytes > receivedBefore ? 1 : fruitless + 1;
                    if (!hasBegun || fruitless >= MAX_FRUITLESS_ATTEMPTS) {
                        throw new IOException(e.getMessage());
                    }
                    TimeUnit.MILLISECONDS.sleep(backoff.nextDelayMillis());
                }
            }
        } catch (IOException e) {
            throw new IOException("fetching " + this + " failed: " + e.getMessage() + ", " + progress(), e);
        }
    }

    private String progress() {
        return hasBegun
                ? "after " + receivedBytes + " bytes, with " + awaitedBytes + " to come"
                : "before anything arrived";
    }

    /** Uses one connection, until everything is there or it ends. */
    private void transfer() throws IOException, SnapshotInlet.Ended, InterruptedException {
        SnapshotInlet inlet = dial();
        try {
            inlet.send(Frame.of(Header.newBuilder()
                    .setGroupId(options.groupId())
                    .setSnapshotRequest(SnapshotRequest.newBuilder().setSnapshot(MessageEncoder.encode(snapshot)))));
            boolean began = false;
            while (!take(inlet, inlet.take(options.snapshotStallTimeout()), began)) {
                began = true;
                if (done.isDone()) {
                    throw new IOException("nobody waits for it any more");
                }
            }
        } catch (SnapshotInlet.Stalled e) {
            throw new IOException(
                    "nothing came for " + options.snapshotStallTimeout().toMillis() + " ms", e);
        } finally {
            inlet.close();
        }
    }

    /** Takes one frame in; true if it was the last. */
    private boolean take(SnapshotInlet inlet, Frame frame, boolean began) throws IOException {
        Header header = frame.header();
        boolean isExpected = switch (header.getKindCase()) {
            case SNAPSHOT_MANIFEST -> !began && frame.payloads().isEmpty();
            case SNAPSHOT_CHUNK -> began && frame.payloads().size() == 1;
            case SNAPSHOT_END -> began && frame.payloads().isEmpty();
            default -> header.hasSnapshotFailed();
        };
        if (!isExpected) {
            throw new IOException("the sender sent a frame of kind " + header.getKindCase() + " with "
                    + frame.payloads().size() + " payloads where none was expected");
        }
        switch (header.getKindCase()) {
            case SNAPSHOT_MANIFEST -> begin(inlet, SnapshotFiles.decode(header.getSnapshotManifest()));
            case SNAPSHOT_CHUNK -> chunk(frame.payloads().get(0));
            case SNAPSHOT_END -> {
                if (awaitedBytes > 0) {
                    throw new IOException("the sender ended before it had sent everything");
                }
                return true;
            }
            default ->
                throw new IOException("the sender gave up: "
                        + Protocol.printable(header.getSnapshotFailed().getReason()));
        }
        return false;
    }

    private void begin(SnapshotInlet inlet, List<SnapshotFile> files) throws IOException {
        List<SnapshotPart> parts = receiver.begin(files);
        hasBegun = true;
        awaitedBytes = SnapshotFiles.bytesOf(parts, files);
        inlet.send(Frame.of(Header.newBuilder()
                .setGroupId(options.groupId())
                .setSnapshotWanted(SnapshotFiles.encodeWanted(parts))));
    }

    private void chunk(byte[] bytes) throws IOException {
        if (bytes.length > awaitedBytes) {
            throw new IOException("the sender sent more than was asked for");
        }
        receiver.receive(ByteBuffer.wrap(bytes));
        awaitedBytes -= bytes.length;
        receivedBytes += bytes.length;
    }

    private SnapshotInlet dial() throws SnapshotInlet.Ended, IOException, InterruptedException {
        CompletableFuture<SnapshotInlet> dialled = new CompletableFuture<>();
        dialler.dial(loop, from, address, ConnectionKind.CONNECTION_KIND_SNAPSHOT, new Dialler.Outcome() {
            @Override
            public FrameHandler welcomed(FrameConnection connection) {
                SnapshotInlet inlet = new SnapshotInlet(connection);
                if (!dialled.complete(inlet)) {
                    inlet.close();
                }
                return inlet;
            }

            @Override
            public void failed(String cause) {
                dialled.completeExceptionally(new SnapshotInlet.Ended(cause));
            }
        });
        try {
            return dialled.get(options.snapshotStallTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new SnapshotInlet.Ended(
                    String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
        } catch (TimeoutException e) {
            dialled.cancel(false);
            throw new IOException("no connection came about", e);
        }
    }

    @Override
    public String toString() {
        return "the snapshot at " + snapshot.lastIncluded() + " from " + from + " at " + address;
    }
}
