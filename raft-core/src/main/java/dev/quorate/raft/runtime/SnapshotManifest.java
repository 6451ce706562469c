package dev.quorate.raft.runtime;

import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What a stored snapshot says about itself. The manifest is the last file that is written: a snapshot without a good one is
 * none.
 *
 * <pre>
 *   magic 4 │ format 1 │ index 8 │ term 8 │ membership length 4 + bytes │ file count 4 │ (name, size 8)… │ CRC-32C 4
 * </pre>
 *
 * The files' names and sizes are there so that a missing or cut file is noticed without reading gigabytes; what is in a file
 * is for the state machine to check.
 */
record SnapshotManifest(SnapshotMeta meta, List<StoredFile> files) {

    /** @param name relative to the snapshot's files, with '/' between parts */
    record StoredFile(String name, long sizeBytes) {}

    private static final int MAGIC = 0x51534e50; // "QSNP"
    private static final int FORMAT = 1;
    private static final int CRC_BYTES = 4;
    /** Some 100,000 files; a larger manifest is not one. */
    private static final long MAX_BYTES = 16L << 20;

    static SnapshotManifest describe(SnapshotMeta meta, Path directory) throws IOException {
        List<StoredFile> files = new ArrayList<>();
        for (Path file : DurableFiles.filesBelow(directory)) {
            files.add(new StoredFile(nameOf(directory, file), Files.size(file)));
        }
        return new SnapshotManifest(meta, files);
    }

    void write(Path file) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(MAGIC);
            out.writeByte(FORMAT);
            out.writeLong(meta.index());
            out.writeLong(meta.term());
            byte[] membership = meta.membership().encode();
            out.writeInt(membership.length);
            out.write(membership);
            out.writeInt(files.size());
            for (StoredFile stored : files) {
                out.writeUTF(stored.name());
                out.writeLong(stored.sizeBytes());
            }
            out.writeInt(crc(bytes.toByteArray(), bytes.size()));
        }
        Files.write(file, bytes.toByteArray());
        DurableFiles.sync(file);
    }

    /** @throws IOException if the file is no whole manifest, or of a format that this version does not know */
    static SnapshotManifest read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + " has " + Files.size(file) + " bytes; a manifest has at most " + MAX_BYTES);
        }
        byte[] bytes = Files.readAllBytes(file);
        int body = bytes.length - CRC_BYTES;
        if (body < 0 || ByteBuffer.wrap(bytes).getInt(body) != crc(bytes, body)) {
            throw new IOException(file + " fails its checksum: the snapshot was damaged on disk");
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, 0, body))) {
            if (in.readInt() != MAGIC) {
                throw new IOException(file + " is not a snapshot manifest");
            }
            int format = in.readByte();
            if (format != FORMAT) {
                throw new IOException(file + " has format " + format + "; this version reads format " + FORMAT);
            }
            EntryId lastIncluded = new EntryId(in.readLong(), in.readLong());
            Membership membership = Membership.decode(in.readNBytes(in.readInt()));
            int count = in.readInt();
            List<StoredFile> files = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                files.add(new StoredFile(in.readUTF(), in.readLong()));
            }
            return new SnapshotManifest(new SnapshotMeta(lastIncluded, membership), files);
        }
    }

    /** @throws IOException if a file is missing or has another size than it had */
    void verify(Path directory) throws IOException {
        for (StoredFile stored : files) {
            Path file = directory.resolve(stored.name());
            if (!Files.isRegularFile(file)) {
                throw new IOException("the snapshot at " + meta.lastIncluded() + " lacks its file " + file);
            }
            if (Files.size(file) != stored.sizeBytes()) {
                throw new IOException("the snapshot at " + meta.lastIncluded() + " has " + Files.size(file)
                        + " bytes in " + file + " instead of " + stored.sizeBytes());
            }
        }
    }

    private static String nameOf(Path directory, Path file) {
        return directory.relativize(file).toString().replace('\\', '/');
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
