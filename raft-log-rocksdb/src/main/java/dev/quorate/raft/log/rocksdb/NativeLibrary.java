package dev.quorate.raft.log.rocksdb;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * RocksDB's native part. Left to itself RocksDB unpacks it, 17 MB, into the directory for temporary files at each start, and a
 * process that is killed leaves it there.
 */
public final class NativeLibrary {

    private NativeLibrary() {}

    /**
     * Loads the library, from {@code java.library.path} if it is there, and leaves no file behind. Does nothing if it is loaded.
     * Any thread.
     *
     * @throws UncheckedIOException if there is no place to unpack it
     */
    public static void load() {
        if (System.getenv("ROCKSDB_SHAREDLIB_DIR") == null) {
            try {
                loadFromJar();
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "RocksDB's native library cannot be unpacked to " + System.getProperty("java.io.tmpdir")
                                + "; -Djava.io.tmpdir names another directory",
                        e);
            }
        }
        RocksDB.loadLibrary();
    }

    private static void loadFromJar() throws IOException {
        Path directory = Files.createTempDirectory("quorate-rocksdb");
        try {
            NativeLibraryLoader.getInstance().loadLibrary(directory.toString());
        } finally {
            // A loaded library needs its name no more, where the system allows that; where not, RocksDB deletes it at
            // exit.
            deleteIfAllowed(directory);
        }
    }

    @SuppressWarnings("EmptyCatch") // a file that is in use and must keep its name is not an error
    private static void deleteIfAllowed(Path directory) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.delete(file);
            }
            Files.delete(directory);
        } catch (IOException inUse) {
        }
    }

    /**
     * Puts a copy of the library for this machine into a directory, so that a JVM with that directory in its {@code
     * java.library.path} need not unpack it.
     *
     * @param directory exists
     * @throws IOException if the copy cannot be written, or there is no library for this machine
     */
    public static void unpackTo(Path directory) throws IOException {
        String name = Environment.getJniLibraryFileName("rocksdb");
        try (InputStream library = RocksDB.class.getClassLoader().getResourceAsStream(name)) {
            if (library == null) {
                throw new IOException("RocksDB has no native library for this machine: " + name + " is not in its jar");
            }
            Files.copy(library, directory.resolve(name));
        }
    }
}
