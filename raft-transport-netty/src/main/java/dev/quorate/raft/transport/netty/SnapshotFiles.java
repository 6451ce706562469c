package dev.quorate.raft.transport.netty;

import com.google.protobuf.ByteString;
import dev.quorate.raft.runtime.SnapshotFile;
import dev.quorate.raft.runtime.Transport.SnapshotPart;
import dev.quorate.raft.transport.netty.wire.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/** The two lists that sender and receiver of a snapshot exchange before the bytes, between values and the wire. */
final class SnapshotFiles {

    /** What a frame's header has beside the list. */
    private static final int REST_OF_HEADER_BYTES = 64;

    private SnapshotFiles() {}

    /** @throws IOException if the list is too long for a frame */
    static Wire.SnapshotManifest encode(List<SnapshotFile> files) throws IOException {
        Wire.SnapshotManifest.Builder manifest = Wire.SnapshotManifest.newBuilder();
        for (SnapshotFile file : files) {
            manifest.addFiles(Wire.SnapshotFile.newBuilder()
                    .setName(file.name())
                    .setSizeBytes(file.sizeBytes())
                    .setSha256(ByteString.copyFrom(HexFormat.of().parseHex(file.sha256()))));
        }
        Wire.SnapshotManifest result = manifest.build();
        int limit = Protocol.MAX_HEADER_BYTES - REST_OF_HEADER_BYTES;
        if (result.getSerializedSize() > limit) {
            throw new IOException("the names of the snapshot's " + files.size() + " files take "
                    + result.getSerializedSize() + " bytes, and the limit is " + limit);
        }
        return result;
    }

    /** @throws IOException if a file is described as none can be: a name must stay inside of the receiver's directory */
    static List<SnapshotFile> decode(Wire.SnapshotManifest manifest) throws IOException {
        List<SnapshotFile> files = new ArrayList<>(manifest.getFilesCount());
        for (Wire.SnapshotFile file : manifest.getFilesList()) {
            try {
                String sha256 = HexFormat.of().formatHex(file.getSha256().toByteArray());
                files.add(new SnapshotFile(file.getName(), file.getSizeBytes(), sha256));
            } catch (IllegalArgumentException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
        return files;
    }

    static Wire.SnapshotWanted encodeWanted(List<SnapshotPart> parts) {
        Wire.SnapshotWanted.Builder wanted = Wire.SnapshotWanted.newBuilder();
        for (SnapshotPart part : parts) {
            wanted.addParts(Wire.SnapshotPart.newBuilder().setFile(part.file()).setOffset(part.offset()));
        }
        return wanted.build();
    }

    /** @throws IOException if what is wanted is not there */
    static List<SnapshotPart> decode(Wire.SnapshotWanted wanted, List<SnapshotFile> files) throws IOException {
        List<SnapshotPart> parts = new ArrayList<>(wanted.getPartsCount());
        Set<Integer> seen = new HashSet<>();
        for (Wire.SnapshotPart part : wanted.getPartsList()) {
            int file = part.getFile();
            boolean isThere = file >= 0 && file < files.size() && seen.add(file);
            if (!isThere
                    || part.getOffset() < 0
                    || part.getOffset() > files.get(file).sizeBytes()) {
                throw new IOException("the receiver wants file " + Integer.toUnsignedLong(file) + " from byte "
                        + Long.toUnsignedString(part.getOffset()) + " on, and among the " + files.size()
                        + " files there is no such, or it was asked for twice");
            }
            parts.add(new SnapshotPart(file, part.getOffset()));
        }
        return parts;
    }

    /** How many bytes the parts have. */
    static long bytesOf(List<SnapshotPart> parts, List<SnapshotFile> files) {
        long bytes = 0;
        for (SnapshotPart part : parts) {
            bytes += files.get(part.file()).sizeBytes() - part.offset();
        }
        return bytes;
    }
}
