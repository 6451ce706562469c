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
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a stored snapshot says about itself. The manifest is the last file that is written: a snapshot without a good one is
 * none.
 *
 * <pre>
 *   magic 4 │ format 1 │ index 8 │ term 8 │ membership length 4 + bytes │ file count 4
 *   │ (name, size 8, SHA-256 32)… │ CRC-32C 4
 * </pre>
 *
 * A missing or cut file is noticed by name and size, without reading gigabytes. The hashes name the contents: they are
 * computed once, when the snapshot is taken, and travel with it from member to member.
 */
record SnapshotManifest(SnapshotMeta meta, List<SnapshotFile> files) {

    /** A store of some hundred gigabytes has a few thousand. */
    static final int MAX_FILES = 65_536;

    private static final int MAGIC = 0x51534e50; // "QSNP"
    private static final int FORMAT = 2;
    private static final int CRC_BYTES = 4;
    private static final int SHA256_BYTES = 32;
    /** {@link #MAX_FILES} with names of usual length; a larger manifest is not one. */
    private static final long MAX_BYTES = 16L << 20;

    SnapshotManifest {
        files = List.copyOf(files);
    }

    /**
     * Describes what a state machine has written.
     *
     * @param known the hash of a file that was hashed before, null if it must be read
     * @throws IOException if there is something that a snapshot cannot have
     */
    static SnapshotManifest describe(SnapshotMeta meta, Path directory, Function<Path, @Nullable String> known)
            throws IOException {
        List<SnapshotFile> files = new ArrayList<>();
        for (Path file : DurableFiles.filesBelow(directory)) {
            String name = nameOf(directory, file);
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("the snapshot contains " + name + ", which is neither a file nor a directory");
            }
            String hash = known.apply(file);
            try {
                files.add(new SnapshotFile(name, Files.size(file), hash == null ? ContentHash.of(file) : hash));
            } catch (IllegalArgumentException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
        SnapshotManifest manifest = new SnapshotManifest(meta, files);
        manifest.check();
        return manifest;
    }

    /** @throws IOException if there are too many files, two of one name, or one content of two sizes */
    void check() throws IOException {
        if (files.size() > MAX_FILES) {
            throw new IOException("a snapshot of " + files.size() + " files exceeds the limit of " + MAX_FILES);
        }
        Set<String> names = new HashSet<>();
        Map<String, Long> sizes = new HashMap<>();
        for (SnapshotFile file : files) {
            Long sameContent = sizes.put(file.sha256(), file.sizeBytes());
            if (sameContent != null && sameContent != file.sizeBytes()) {
                throw new IOException("a snapshot says of one content that it has " + sameContent + " and "
                        + file.sizeBytes() + " bytes, the second time in '" + file.name() + "'");
            }
            if (!names.add(file.name())) {
                throw new IOException("a snapshot has two files of the name '" + file.name() + "'");
            }
        }
    }

    long totalBytes() {
        return files.stream().mapToLong(SnapshotFile::sizeBytes).sum();
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
            for (SnapshotFile stored : files) {
                out.writeUTF(stored.name());
                out.writeLong(stored.sizeBytes());
                out.write(HexFormat.of().parseHex(stored.sha256()));
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
            List<SnapshotFile> files = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String name = in.readUTF();
                long sizeBytes = in.readLong();
                files.add(new SnapshotFile(name, sizeBytes, HexFormat.of().formatHex(in.readNBytes(SHA256_BYTES))));
            }
            return new SnapshotManifest(new SnapshotMeta(lastIncluded, membership), files);
        }
    }

    /** @throws IOException if a file is missing or has another size than it had */
    void verify(Path directory) throws IOException {
        for (SnapshotFile stored : files) {
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
