package dev.quorate.raft.log.rocksdb;

import static dev.quorate.raft.log.rocksdb.Logs.THREE;
import static dev.quorate.raft.log.rocksdb.Logs.assertFails;
import static dev.quorate.raft.log.rocksdb.Logs.open;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.runtime.DurableLog;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreDirectoryTest {

    @TempDir
    Path directory;

    @Test
    void aDirectoryWithOtherFilesIsRefusedAndNotTouched() throws IOException {
        Files.writeString(directory.resolve("thesis.tex"), "chapter 1");

        assertFails(IOException.class, "thesis.tex", () -> open(directory));

        assertEquals(List.of("thesis.tex"), names(directory));
    }

    @Test
    void aDirectoryOfAnotherFormatIsRefusedAndNotTouched() throws IOException {
        Files.writeString(directory.resolve("FORMAT"), "quorate raft log, format 2\n");

        assertFails(IOException.class, "this version reads 'quorate raft log, format 1'", () -> open(directory));

        assertEquals(List.of("FORMAT"), names(directory));
    }

    @Test
    void aFileInTheDirectorysPlaceIsRefused() throws IOException {
        Path file = Files.writeString(directory.resolve("log"), "not a directory");

        assertFails(IOException.class, "is a file", () -> open(file));
    }

    @Test
    void whatACrashInTheFirstMomentsLeavesIsNoObstacle() throws IOException {
        Files.createFile(directory.resolve("LOCK"));
        Files.writeString(directory.resolve("FORMAT.new"), "quor");

        try (DurableLog log = open(directory)) {
            assertEquals(1, log.recover(THREE).incarnation());
        }
    }

    @Test
    void aDirectoryIsOpenOnlyOnceInAProcess() throws IOException {
        Path data = directory.resolve("a/b");
        try (DurableLog log = open(data)) {
            log.recover(THREE);

            assertFails(IOException.class, "in use by this process", () -> open(directory.resolve("a/../a/b")));
            // The attempt must not have taken the lock away.
            Process other = LogProcess.start(data, "hold");
            try (BufferedReader lines = other.inputReader(StandardCharsets.US_ASCII)) {
                String refusal = String.valueOf(lines.readLine());
                assertTrue(
                        refusal.contains(
                                "in use by process " + ProcessHandle.current().pid()),
                        refusal);
            }
        }
        open(data).close();
    }

    @Test
    void aDirectoryThatAnotherProcessHasOpenIsRefusedAndNamesTheProcess() throws Exception {
        Process other = LogProcess.start(directory, "hold");
        try (BufferedReader lines = other.inputReader(StandardCharsets.US_ASCII)) {
            assertEquals("0", lines.readLine());

            assertFails(IOException.class, "in use by process " + other.pid(), () -> open(directory));
        } finally {
            other.destroyForcibly().waitFor();
        }
        open(directory).close();
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
