package dev.quorate.raft.runtime;

import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot on its way here. It takes what this member has already from its own snapshots, asks the sender for the rest,
 * and believes neither before it has computed every hash.
 *
 * <p>One thread at a time: first the transport's, then the snapshot thread. The counts may be read by any thread.
 */
final class SnapshotArrival implements Transport.SnapshotReceiver, AutoCloseable {

    /** Written pages go to the disk in small steps: all of them at the end would make the log beside them wait for seconds. */
    private static final long SYNC_EVERY_BYTES = 32L << 20;

    private final SnapshotMeta meta;
    private final SnapshotStore store;
    private final Consumer<String> log;
    private final SnapshotStaging staging;
    private final ArrayDeque<SnapshotFile> awaited = new ArrayDeque<>();
    private final Set<String> linked = new HashSet<>();
    private @Nullable SnapshotManifest manifest;
    private @Nullable FileChannel out;
    private long unsyncedBytes;

    private volatile long totalBytes;
    private volatile long heldBytes;
    private final AtomicLong receivedBytes = new AtomicLong();
    private boolean hasBegun;

    /** @param log gets a line when a sender begins */
    SnapshotArrival(SnapshotMeta meta, SnapshotStore store, Consumer<String> log) {
        this.meta = meta;
        this.store = store;
        this.log = log;
        this.staging = store.staging();
    }

    /** What all files of the snapshot have together; 0 before the sender has named them. */
    long totalBytes() {
        return totalBytes;
    }

    /** What of it need not be sent, because it was here before. */
    long heldBytes() {
        return heldBytes;
    }

    /** What was sent. */
    long receivedBytes() {
        return receivedBytes.get();
    }

    @Override
    public List<Transport.SnapshotPart> begin(List<SnapshotFile> files) throws IOException {
        closeFile();
        awaited.clear();
        SnapshotManifest announced = new SnapshotManifest(meta, files);
        announced.check();
        manifest = announced;
        staging.retain(files);
        linked.addAll(store.linkLocal(incomplete(files)));
        List<Transport.SnapshotPart> parts = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        long missing = 0;
        for (int i = 0; i < files.size(); i++) {
            SnapshotFile file = files.get(i);
            long here = staging.bytesOf(file);
            boolean isFirstWithContent = seen.add(file.sha256());
            if (here < file.sizeBytes() && isFirstWithContent) {
                parts.add(new Transport.SnapshotPart(i, here));
                awaited.add(file);
                missing += file.sizeBytes() - here;
            }
        }
        checkSpace(missing);
        totalBytes = announced.totalBytes();
        if (!hasBegun) {
            hasBegun = true;
            heldBytes = totalBytes - missing;
        }
        log.accept("fetches " + missing + " of the " + totalBytes + " bytes of the snapshot at " + meta.lastIncluded()
                + ": " + parts.size() + " of " + files.size() + " files"
                + (receivedBytes() > 0 ? ", going on after " + receivedBytes() + " bytes" : ""));
        return parts;
    }

    private List<SnapshotFile> incomplete(List<SnapshotFile> files) throws IOException {
        List<SnapshotFile> incomplete = new ArrayList<>();
        for (SnapshotFile file : files) {
            if (staging.bytesOf(file) < file.sizeBytes()) {
                incomplete.add(file);
            } else if (file.sizeBytes() == 0 && !Files.exists(staging.path(file))) {
                Files.createFile(staging.path(file));
            }
        }
        return incomplete;
    }

    private void checkSpace(long missingBytes) throws IOException {
        long usable = Files.getFileStore(staging.directory()).getUsableSpace();
        if (usable < missingBytes) {
            throw new IOException("the snapshot at " + meta.lastIncluded() + " needs " + missingBytes
                    + " more bytes in " + staging.directory() + ", where " + usable
                    + " are free: make room, and it goes on by itself");
        }
    }

    @Override
    public void receive(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            SnapshotFile file = awaited.peek();
            if (file == null) {
                throw new IOException("the sender sent more than was asked for");
            }
            FileChannel channel = open(file);
            long missing = file.sizeBytes() - channel.position();
            ByteBuffer piece = bytes.slice(bytes.position(), (int) Math.min(missing, bytes.remaining()));
            int count = piece.remaining();
            while (piece.hasRemaining()) {
                channel.write(piece);
            }
            bytes.position(bytes.position() + count);
            receivedBytes.addAndGet(count);
            unsyncedBytes += count;
            if (count == missing || unsyncedBytes >= SYNC_EVERY_BYTES) {
                channel.force(false);
                unsyncedBytes = 0;
            }
            if (count == missing) {
                closeFile();
                awaited.remove();
            }
        }
    }

    private FileChannel open(SnapshotFile file) throws IOException {
        if (out == null) {
            out = FileChannel.open(staging.path(file), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            out.position(out.size());
        }
        return out;
    }

    /**
     * Puts the files together under their names, when all of them are here and have the hashes that the sender announced.
     *
     * @throws IOException if not; what is damaged is gone then, and what is good stays for the next try
     */
    SnapshotStore.Draft assemble() throws IOException {
        SnapshotManifest complete = manifest();
        verify(complete);
        SnapshotStore.Draft draft = store.draft();
        try {
            for (SnapshotFile file : complete.files()) {
                Path target = draft.files().resolve(file.name());
                Files.createDirectories(target.getParent());
                Files.createLink(target, staging.path(file));
            }
            return draft;
        } catch (IOException e) {
            store.discard(draft);
            throw e;
        }
    }

    /** What the draft contains. */
    SnapshotManifest manifest() throws IOException {
        SnapshotManifest known = manifest;
        if (known == null || !awaited.isEmpty()) {
            throw new IOException("the sender ended before it had sent all files");
        }
        return known;
    }

    private void verify(SnapshotManifest complete) throws IOException {
        Set<String> verified = new HashSet<>();
        for (SnapshotFile file : complete.files()) {
            if (!verified.add(file.sha256())) {
                continue;
            }
            String actual = ContentHash.of(staging.path(file));
            if (!actual.equals(file.sha256())) {
                Files.delete(staging.path(file));
                boolean wasHere = linked.contains(file.sha256());
                if (wasHere) {
                    store.distrust(file);
                }
                throw new IOException("file '" + file.name() + "' has SHA-256 " + actual + " and should have "
                        + file.sha256() + ": "
                        + (wasHere
                                ? "this member's own copy is damaged"
                                : "it was damaged on its way, or the sender's copy is")
                        + "; it will be fetched again");
            }
        }
    }

    private void closeFile() throws IOException {
        FileChannel open = out;
        out = null;
        unsyncedBytes = 0;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() throws IOException {
        closeFile();
    }
}
