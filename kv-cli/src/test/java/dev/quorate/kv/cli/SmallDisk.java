package dev.quorate.kv.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A file system in memory that is small enough to be filled. Who may not mount one skips the test. */
final class SmallDisk implements AutoCloseable {

    private static final String BALLAST = "ballast";

    private final Path mount;

    private SmallDisk(Path mount) {
        this.mount = mount;
    }

    /** @param directory empty; the disk is mounted there until it is closed */
    static SmallDisk mount(Path directory, int megabytes) {
        boolean isMounted = run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", directory.toString());
        assumeTrue(isMounted, "only who may mount a small file system (root) can fill one; this user may not");
        return new SmallDisk(directory);
    }

    Path path() {
        return mount;
    }

    /** Takes all room that is left. */
    void fill() throws IOException {
        try (OutputStream ballast = Files.newOutputStream(mount.resolve(BALLAST))) {
            byte[] block = new byte[4_096];
            while (true) {
                ballast.write(block);
            }
        } catch (IOException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("No space left"), e::toString);
        }
    }

    /** Gives the room back. */
    void empty() throws IOException {
        Files.delete(mount.resolve(BALLAST));
    }

    @Override
    public void close() {
        // Lazily: a page of the log stays mapped until the garbage collector comes by.
        assertTrue(run("umount", "-l", mount.toString()), "could not unmount " + mount);
    }

    private static boolean run(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // there is no such command
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
