package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.runtime.Transport;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotChunk;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotEnd;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotFailed;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotFile;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotFileEnd;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotManifest;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/** Sends one snapshot's files to one peer: the manifest, each file chunk by chunk with its checksum at the end. */
final class SnapshotSend implements Runnable {

    /** How much of a file one frame carries: large enough to cost little, small enough to keep a few in memory. */
    static final int CHUNK_BYTES = 256 << 10;

    private final NodeId to;
    private final SnapshotMeta snapshot;
    private final int filesReceived;
    private final SnapshotOutlet outlet;
    private final Callbacks callbacks;
    private final RateLimiter rate;
    private final NettyTransportOptions options;
    private final PeerLog log;

    SnapshotSend(
            NodeId to,
            SnapshotMeta snapshot,
            int filesReceived,
            SnapshotOutlet outlet,
            Callbacks callbacks,
            RateLimiter rate,
            NettyTransportOptions options,
            PeerLog log) {
        this.to = to;
        this.snapshot = snapshot;
        this.filesReceived = filesReceived;
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
                SnapshotManifest manifest = SnapshotFiles.list(lease.directory());
                log.state("sends the snapshot at " + snapshot.lastIncluded() + " to " + to + ": "
                        + manifest.getFilesCount() + " files, " + SnapshotFiles.totalBytes(manifest) + " bytes");
                send(lease.directory(), manifest);
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

    private void send(Path directory, SnapshotManifest manifest) throws IOException, InterruptedException {
        if (filesReceived < 0 || filesReceived > manifest.getFilesCount()) {
            throw new IOException("the receiver has " + Integer.toUnsignedLong(filesReceived)
                    + " files of a snapshot of " + manifest.getFilesCount());
        }
        outlet.write(Frame.of(header().setSnapshotManifest(manifest)));
        for (SnapshotFile file : manifest.getFilesList().subList(filesReceived, manifest.getFilesCount())) {
            int crc = send(directory, file);
            outlet.write(Frame.of(
                    header().setSnapshotFileEnd(SnapshotFileEnd.newBuilder().setCrc32C(crc))));
        }
        outlet.writeLast(Frame.of(header().setSnapshotEnd(SnapshotEnd.getDefaultInstance())));
    }

    private int send(Path directory, SnapshotFile file) throws IOException, InterruptedException {
        CRC32C crc = new CRC32C();
        try (FileChannel in = FileChannel.open(directory.resolve(file.getName()), StandardOpenOption.READ)) {
            for (long left = file.getSizeBytes(); left > 0; ) {
                byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, left)];
                readFully(in, chunk);
                crc.update(chunk);
                TimeUnit.NANOSECONDS.sleep(rate.reserve(chunk.length, System.nanoTime()));
                outlet.write(new Frame(
                        header().addPayloadBytes(chunk.length)
                                .setSnapshotChunk(SnapshotChunk.getDefaultInstance())
                                .build(),
                        List.of(chunk)));
                left -= chunk.length;
            }
        } catch (java.nio.file.NoSuchFileException | EOFException e) {
            throw new IOException(
                    "snapshot file '" + file.getName() + "' changed while it was read: it is gone or shorter", e);
        }
        return (int) crc.getValue();
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
