package dev.quorate.kv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.cli.client.CallFailedException;
import dev.quorate.kv.cli.client.Endpoint;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.cluster.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of a disk without room: one line, and an exit code that is not 0. */
@Timeout(180)
class FullDiskTest {

    private static final long WAIT_SECONDS = 60;

    @TempDir
    private Path small = Path.of("");

    @TempDir
    private Path output = Path.of("");

    private final int port = FreePorts.basePort(1);
    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void leaveNothingRunning() {
        started.forEach(Process::destroyForcibly);
    }

    private Process kv(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.resolve("out").toFile())
                .redirectError(output.resolve("err").toFile())
                .start();
        started.add(process);
        return process;
    }

    private Process server(SmallDisk disk) throws IOException {
        return kv(
                "server",
                "--name=n1",
                "--data-dir=" + disk.path().resolve("n1"),
                "--client-address=127.0.0.1:" + port,
                "--peer-address=127.0.0.1:" + (port + 1));
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertTrue(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS), "the process ends");
        return process.exitValue();
    }

    private List<String> errors() throws IOException {
        return Files.readAllLines(output.resolve("err"));
    }

    @Test
    void aServerOnAFullDiskEndsAtOnceWithOneLine() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(small, 8)) {
            int code = exitCode(server(disk));

            assertEquals(ExitCode.DEFINITE.code(), code);
            assertEquals(1, errors().size(), errors()::toString);
            assertTrue(errors().get(0).contains("8 MiB left"), errors()::toString);
        }
    }

    @Test
    void aClusterOnAFullDiskIsNotStartedAndOneLineSaysWhy() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(small, 8)) {
            int code = exitCode(kv("cluster", "start", "--dir=" + disk.path().resolve("cluster")));

            assertEquals(ExitCode.DEFINITE.code(), code);
            assertEquals(1, errors().size(), errors()::toString);
            assertTrue(errors().get(0).contains("make room"), errors()::toString);
        }
    }

    @Test
    void aServerWhoseDiskFillsUpEndsAndItsLastLineSaysWhy() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(small, 100);
                KvClient client = new KvClient(List.of(new Endpoint("127.0.0.1", port)), Duration.ofSeconds(20))) {
            Process server = server(disk);
            awaitReady(server);
            disk.fill();

            assertThrows(CallFailedException.class, () -> {
                for (int i = 0; i < 10_000; i++) {
                    client.put(put(i));
                }
            });

            assertEquals(ExitCode.INTERNAL.code(), exitCode(server));
            String last = errors().get(errors().size() - 1);
            assertTrue(last.startsWith("kv server: n1 stopped itself"), last);
            assertTrue(last.contains("disk is full"), last);
        }
    }

    private static PutRequest put(int number) {
        return PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("k" + number))
                .setValue(ByteString.copyFrom(new byte[50_000]))
                .build();
    }

    private void awaitReady(Process server) throws IOException {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!Files.readString(output.resolve("out")).contains("is ready")) {
            assertTrue(server.isAlive() && System.nanoTime() - deadlineNanos < 0, "the server becomes ready");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }
}
