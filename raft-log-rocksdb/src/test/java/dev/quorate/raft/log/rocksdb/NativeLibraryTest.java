package dev.quorate.raft.log.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {

    @TempDir
    private Path directory;

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere a loaded library may have to keep its file")
    void aKilledProcessLeavesNoUnpackedLibraryBehind() throws Exception {
        Process process = start("-Djava.io.tmpdir=" + directory);
        process.getInputStream().read(); // it has loaded the library
        process.destroyForcibly();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));

        assertEquals(List.of(), files());
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "the file's name differs elsewhere")
    void anUnpackedLibraryIsUsedInPlace() throws Exception {
        NativeLibrary.unpackTo(directory);
        Path nowhere = directory.resolve("empty");
        Files.createDirectory(nowhere);

        Process process = start("-Djava.io.tmpdir=" + nowhere, "-Djava.library.path=" + directory);
        process.getInputStream().read();
        String maps = Files.readString(Path.of("/proc", Long.toString(process.pid()), "maps"));
        process.destroyForcibly();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));

        assertTrue(
                maps.contains(directory.toRealPath() + "/librocksdbjni"), "the library in " + directory + " is mapped");
    }

    private static Process start(String... jvmArguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(jvmArguments));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Loaded.class.getName()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().contains("hsperfdata"))
                    .toList();
        }
    }

    /** Loads the library, says so, and waits to be killed. */
    static final class Loaded {
        public static void main(String[] arguments) throws IOException {
            NativeLibrary.load();
            System.out.println("loaded");
            System.in.read();
        }
    }
}
