package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.runtime.SnapshotFile;
import dev.quorate.raft.runtime.Transport;
import dev.quorate.raft.runtime.Transport.SnapshotPart;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotChunk;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotEnd;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotFailed;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotWanted;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends one snapshot's files to one peer: says which there are, hears which are wanted, and sends those chunk by chunk. */
final class SnapshotSend implements Runnable {

    /** How much of a file one frame carries: large enough to cost little, small enough to keep a few in memory. */
    static final int CHUNK_BYTES = 256 << 10;

    private static final int LEAST_CHUNK_BYTES = 1 << 10;
    /** At a low rate chunks are smaller, so that a receiver never waits so long for one that it takes this side for dead. */
    private static final int CHUNKS_PER_SECOND = 8;

    private static final double NANOS_PER_SECOND = 1e9;

    private final NodeId to;
    private final SnapshotMeta snapshot;
    private final Future<SnapshotWanted> wanted;
    private final SnapshotOutlet outlet;
    private final Callbacks callbacks;
    private final RateLimiter rate;
    private final NettyTransportOptions options;
    private final PeerLog log;

    /** @param wanted the receiver's answer to the manifest */
    SnapshotSend(
            NodeId to,
            SnapshotMeta snapshot,
            Future<SnapshotWanted> wanted,
            SnapshotOutlet outlet,
            Callbacks callbacks,
            RateLimiter rate,
            NettyTransportOptions options,
            PeerLog log) {
        this.to = to;
        this.snapshot = snapshot;
        this.wanted = wanted;
        this.outlet = outlet;
        this.callbacks = callbacks;
        this.rate = rate;
        this.options = options;
        this.log = log;
    }

    @Override
    public void run() {
        try {
            try (Transport.SnapshotLease lease = callbacks.openSnapshot(snapshot)) {
                send(lease);
            } catch (IOException e) {
                log.warn("could not send the snapshot at " + snapshot.lastIncluded() + " to " + to + ": "
                        + e.getMessage());
                giveUp(e);
            } catch (RuntimeException e) {
                log.bug("sending the snapshot at " + snapshot.lastIncluded() + " to " + to + " failed", e);
                giveUp(new IOException("the sender failed: " + e, e));
            }
        } catch (InterruptedException e) {
            // This transport is closing, and closes the connection too.
            Thread.currentThread().interrupt();
        }
    }

    private void send(Transport.SnapshotLease lease) throws IOException, InterruptedException {
        List<SnapshotFile> files = lease.files();
        outlet.write(Frame.of(header().setSnapshotManifest(SnapshotFiles.encode(files))));
        List<SnapshotPart> parts = SnapshotFiles.decode(awaitWanted(), files);
        long bytes = SnapshotFiles.bytesOf(parts, files);
        String what = bytes + " of "
                + files.stream().mapToLong(SnapshotFile::sizeBytes).sum() + " bytes of the snapshot at "
                + snapshot.lastIncluded() + " to " + to;
        log.state("sends " + what + ": the rest of " + parts.size() + " of " + files.size() + " files");
        long startNanos = System.nanoTime();
        for (SnapshotPart part : parts) {
            send(lease.directory(), files.get(part.file()), part.offset());
        }
        outlet.writeLast(Frame.of(header().setSnapshotEnd(SnapshotEnd.getDefaultInstance())));
        double seconds = (System.nanoTime() - startNanos) / NANOS_PER_SECOND;
        log.state(String.format(Locale.ROOT, "sent %s in %.1f s", what, seconds));
    }

    private SnapshotWanted awaitWanted() throws IOException, InterruptedException {
        try {
            return wanted.get(options.snapshotStallTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the receiver left before it said what it wants: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IOException("the receiver did not say what it wants", e);
        }
    }

    private void send(Path directory, SnapshotFile file, long offset) throws IOException, InterruptedException {
        try (FileChannel in = FileChannel.open(directory.resolve(file.name()), StandardOpenOption.READ)) {
            in.position(offset);
            for (long left = file.sizeBytes() - offset; left > 0; ) {
                byte[] chunk = new byte[(int) Math.min(chunkBytes(), left)];
                readFully(in, chunk);
                TimeUnit.NANOSECONDS.sleep(rate.reserve(chunk.length, System.nanoTime()));
                outlet.write(new Frame(
                        header().addPayloadBytes(chunk.length)
                                .setSnapshotChunk(SnapshotChunk.getDefaultInstance())
                                .build(),
                        List.of(chunk)));
                left -= chunk.length;
            }
        } catch (NoSuchFileException | EOFException e) {
            throw new IOException(
                    "snapshot file '" + file.name() + "' changed while it was read: it is gone or shorter", e);
        }
    }

    private long chunkBytes() {
        return Math.max(LEAST_CHUNK_BYTES, Math.min(CHUNK_BYTES, options.snapshotBytesPerSecond() / CHUNKS_PER_SECOND));
    }

    private static void readFully(FileChannel in, byte[] chunk) throws IOException {
        ByteBuffer target = ByteBuffer.wrap(chunk);
        while (target.hasRemaining()) {
            if (in.read(target) < 0) {
                throw new EOFException();
            }
        }
    }

    /** Tells the receiver why, if it is still there. */
    private void giveUp(IOException cause) throws InterruptedException {
        try {
            outlet.writeLast(Frame.of(header().setSnapshotFailed(SnapshotFailed.newBuilder()
                    .setReason(Protocol.printable(String.valueOf(cause.getMessage()))))));
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private Header.Builder header() {
        return Header.newBuilder().setGroupId(options.groupId());
    }
}
