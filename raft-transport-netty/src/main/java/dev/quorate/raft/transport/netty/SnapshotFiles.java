package dev.quorate.raft.transport.netty;

import dev.quorate.raft.transport.netty.wire.Wire.SnapshotFile;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotManifest;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What a snapshot consists of: the names and sizes of its files, and which names are fit to be written to. */
final class SnapshotFiles {

    /** The most files in a snapshot: a store of some hundred gigabytes has a few thousand. */
    static final int MAX_FILES = 65_536;

    private static final int MAX_NAME_CHARS = 512;

    private SnapshotFiles() {}

    /**
     * Lists the files under a directory, in the order of their names, so that two lists of one snapshot are equal.
     *
     * @throws IOException if there is something that a snapshot cannot have
     */
    static SnapshotManifest list(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path path : (Iterable<Path>) tree::iterator) {
                if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                    continue;
                }
                String name = directory.relativize(path).toString().replace(File.separatorChar, '/');
                if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                    throw new IOException(
                            "the snapshot contains " + name + ", which is neither a file nor a directory");
                }
                names.add(name);
            }
        }
        Collections.sort(names);
        SnapshotManifest.Builder manifest = SnapshotManifest.newBuilder();
        for (String name : names) {
            manifest.addFiles(
                    SnapshotFile.newBuilder().setName(name).setSizeBytes(Files.size(directory.resolve(name))));
        }
        SnapshotManifest result = manifest.build();
        check(result);
        if (result.getSerializedSize() > Protocol.MAX_HEADER_BYTES / 2) {
            throw new IOException("the names of the snapshot's " + names.size() + " files take "
                    + result.getSerializedSize() + " bytes, and the limit is " + Protocol.MAX_HEADER_BYTES / 2);
        }
        return result;
    }

    /**
     * Checks a manifest that somebody sent: its names must stay inside of the directory that they are written to.
     *
     * @throws IOException naming what is wrong
     */
    static void check(SnapshotManifest manifest) throws IOException {
        if (manifest.getFilesCount() > MAX_FILES) {
            throw new IOException(
                    "a snapshot of " + manifest.getFilesCount() + " files exceeds the limit of " + MAX_FILES);
        }
        Set<String> names = new HashSet<>();
        for (SnapshotFile file : manifest.getFilesList()) {
            checkName(file.getName());
            if (!names.add(file.getName())) {
                throw new IOException(
                        "a snapshot has two files of the name '" + Protocol.printable(file.getName()) + "'");
            }
            if (file.getSizeBytes() < 0) {
                throw new IOException(
                        "snapshot file '" + file.getName() + "' cannot have " + file.getSizeBytes() + " bytes");
            }
        }
    }

    static long totalBytes(SnapshotManifest manifest) {
        return manifest.getFilesList().stream()
                .mapToLong(SnapshotFile::getSizeBytes)
                .sum();
    }

    private static void checkName(String name) throws IOException {
        String fault = null;
        if (name.isEmpty() || name.length() > MAX_NAME_CHARS) {
            fault = "it must have 1 to " + MAX_NAME_CHARS + " characters";
        } else if (name.chars().anyMatch(c -> c < ' ' || c == '\\' || c == ':')) {
            fault = "it must not contain control characters, '\\' or ':'";
        } else {
            for (String part : name.split("/", -1)) {
                if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                    fault = "it must be relative, without empty parts, '.' and '..'";
                }
            }
        }
        if (fault != null) {
            throw new IOException("snapshot file name '" + Protocol.printable(name) + "' is refused: " + fault);
        }
    }
}
