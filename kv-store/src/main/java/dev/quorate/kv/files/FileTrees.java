package dev.quorate.kv.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Directories with everything in them. */
public final class FileTrees {

    private FileTrees() {}

    /** Makes a directory and everything in it survive a crash; not its own name, which is in the directory above. */
    public static void sync(Path root) throws IOException {
        for (Path file : deepestFirst(root)) {
            syncOne(file);
        }
    }

    /** Makes one file's content, or the names in one directory, survive a crash. */
    public static void syncOne(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Deletes a directory and everything in it, or a file; nothing happens if it is not there. */
    public static void delete(Path root) throws IOException {
        if (Files.exists(root)) {
            for (Path file : deepestFirst(root)) {
                Files.delete(file);
            }
        }
    }

    private static List<Path> deepestFirst(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.sorted(Comparator.reverseOrder()).toList();
        }
    }
}
