package dev.quorate.kv.backup;

import dev.quorate.kv.mvcc.StoreFiles;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jspecify.annotations.Nullable;

/** A backup being written, in parts, as somebody takes them. Holds one part and no more. For one thread at a time. */
final class BackupArchive implements Closeable {

    /** As etcd has it. */
    static final int PART_BYTES = 32 << 10;

    static final int TAR_RECORD_BYTES = 512;

    /** What it ends with: two empty records. */
    private static final long END_BYTES = 2L * TAR_RECORD_BYTES;

    private final BackupInfo info;
    private final Deque<Path> files = new ArrayDeque<>();
    private final ByteArrayOutputStream ready = new ByteArrayOutputStream(2 * PART_BYTES);
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(ready, StandardCharsets.UTF_8.name());
    private final MessageDigest digest = Sha256.begin();
    private final byte[] buffer = new byte[PART_BYTES];
    private final long totalBytes;

    private long remainingBytes;
    private boolean hasInfo;
    private boolean isFinished;
    private boolean hasDigest;
    private @Nullable InputStream reading;

    BackupArchive(BackupInfo info, StoreFiles store) throws IOException {
        this.info = info;
        long total = entryBytes(info.toText().getBytes(StandardCharsets.UTF_8).length) + END_BYTES;
        for (String name : store.files()) {
            Path file = store.directory().resolve(name);
            files.add(file);
            total += entryBytes(Files.size(file));
        }
        totalBytes = total;
        remainingBytes = total;
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR); // an entry of any size has one header
    }

    private static long entryBytes(long size) {
        long records = (size + TAR_RECORD_BYTES - 1) / TAR_RECORD_BYTES;
        return (1 + records) * TAR_RECORD_BYTES;
    }

    /** The archive's size, without the checksum after it. */
    long totalBytes() {
        return totalBytes;
    }

    /** What of the archive has not been taken yet, without the checksum after it. */
    long remainingBytes() {
        return remainingBytes;
    }

    /** The next part, at last the checksum of all others; null after that. */
    byte @Nullable [] next() throws IOException {
        while (ready.size() < PART_BYTES && !isFinished) {
            step();
        }
        if (ready.size() > 0) {
            byte[] part = ready.toByteArray();
            ready.reset();
            digest.update(part);
            remainingBytes -= part.length;
            return part;
        }
        if (hasDigest) {
            return null;
        }
        if (remainingBytes != 0) {
            throw new IOException(
                    "the backup was announced with " + totalBytes + " bytes, and has " + (totalBytes - remainingBytes));
        }
        hasDigest = true;
        return digest.digest();
    }

    private void step() throws IOException {
        InputStream file = reading;
        if (!hasInfo) {
            byte[] text = info.toText().getBytes(StandardCharsets.UTF_8);
            begin(BackupInfo.ENTRY_NAME, text.length);
            tar.write(text);
            tar.closeArchiveEntry();
            hasInfo = true;
        } else if (file != null) {
            int read = file.read(buffer);
            if (read > 0) {
                tar.write(buffer, 0, read);
            } else {
                tar.closeArchiveEntry(); // complains of a file that is shorter than it was
                file.close();
                reading = null;
            }
        } else if (!files.isEmpty()) {
            Path next = files.remove();
            begin(BackupFile.STORE_PREFIX + next.getFileName(), Files.size(next));
            reading = Files.newInputStream(next);
        } else {
            tar.finish();
            isFinished = true;
        }
    }

    private void begin(String name, long size) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(size);
        entry.setModTime(FileTime.from(info.takenAt()));
        tar.putArchiveEntry(entry);
    }

    @Override
    public void close() throws IOException {
        InputStream file = reading;
        if (file != null) {
            file.close();
        }
    }
}
