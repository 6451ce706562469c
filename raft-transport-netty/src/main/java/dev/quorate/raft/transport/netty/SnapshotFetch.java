package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.transport.netty.wire.Wire.ConnectionKind;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotRequest;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Fetches one snapshot from one peer. A connection that is lost on the way is dialled again, and the transfer goes on with
 * the file that it was in; only a fault that another try would not cure ends it.
 */
final class SnapshotFetch {

    /** How many connections in a row may be lost without one more file received: some six seconds of waiting. */
    private static final int MAX_FRUITLESS_ATTEMPTS = 5;

    private static final Duration FIRST_WAIT = Duration.ofMillis(250);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

    private final NodeId from;
    private final HostPort address;
    private final SnapshotMeta snapshot;
    private final SnapshotSink sink;
    private final Dialler dialler;
    private final EventLoop loop;
    private final NettyTransportOptions options;
    private final CompletableFuture<Void> done;
    private final Backoff backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT, new Random());

    SnapshotFetch(
            NodeId from,
            HostPort address,
            SnapshotMeta snapshot,
            SnapshotSink sink,
            Dialler dialler,
            EventLoop loop,
            NettyTransportOptions options,
            CompletableFuture<Void> done) {
        this.from = from;
        this.address = address;
        this.snapshot = snapshot;
        this.sink = sink;
        this.dialler = dialler;
        this.loop = loop;
        this.options = options;
        this.done = done;
    }

    /** Returns when all files are there and durable. */
    void run() throws IOException, InterruptedException {
        try (sink) {
            sink.prepare();
            int fruitless = 0;
            for (boolean complete = false; !complete; ) {
                int filesBefore = sink.filesReceived();
                try {
                    transfer();
                    complete = true;
                } catch (SnapshotInlet.Ended e) {
                    fruitless = sink.filesReceived() > filesBefore ? 1 : fruitless + 1;
                    if (!sink.hasBegun() || fruitless >= MAX_FRUITLESS_ATTEMPTS) {
                        throw new IOException(e.getMessage());
                    }
                    sink.dropUnfinishedFile();
                    TimeUnit.MILLISECONDS.sleep(backoff.nextDelayMillis());
                }
            }
        } catch (IOException e) {
            throw new IOException("fetching " + this + " failed: " + e.getMessage() + ", " + sink.progress(), e);
        }
    }

    /** Uses one connection, until everything is there or it ends. */
    private void transfer() throws IOException, SnapshotInlet.Ended, InterruptedException {
        SnapshotInlet inlet = dial();
        try {
            inlet.send(Frame.of(Header.newBuilder()
                    .setGroupId(options.groupId())
                    .setSnapshotRequest(SnapshotRequest.newBuilder()
                            .setSnapshot(MessageEncoder.encode(snapshot))
                            .setFilesReceived(sink.filesReceived()))));
            while (!take(inlet.take(options.snapshotStallTimeout()))) {
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
    private boolean take(Frame frame) throws IOException {
        Header header = frame.header();
        if (header.hasSnapshotChunk() != (frame.payloads().size() == 1)
                || frame.payloads().size() > 1) {
            throw new IOException("the sender sent a frame of kind " + header.getKindCase() + " with "
                    + frame.payloads().size() + " payloads");
        }
        switch (header.getKindCase()) {
            case SNAPSHOT_MANIFEST -> sink.begin(header.getSnapshotManifest());
            case SNAPSHOT_CHUNK -> sink.chunk(frame.payloads().get(0));
            case SNAPSHOT_FILE_END -> sink.endFile(header.getSnapshotFileEnd().getCrc32C());
            case SNAPSHOT_END -> {
                sink.end();
                return true;
            }
            case SNAPSHOT_FAILED ->
                throw new IOException("the sender gave up: "
                        + Protocol.printable(header.getSnapshotFailed().getReason()));
            default -> throw new IOException("the sender sent a frame of kind " + header.getKindCase());
        }
        return false;
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
