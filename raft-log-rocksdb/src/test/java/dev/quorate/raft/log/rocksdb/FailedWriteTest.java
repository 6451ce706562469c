package dev.quorate.raft.log.rocksdb;

import static dev.quorate.raft.log.rocksdb.Logs.THREE;
import static dev.quorate.raft.log.rocksdb.Logs.append;
import static dev.quorate.raft.log.rocksdb.Logs.assertFails;
import static dev.quorate.raft.log.rocksdb.Logs.open;
import static dev.quorate.raft.log.rocksdb.Logs.readAll;
import static dev.quorate.raft.log.rocksdb.Logs.vote;
import static dev.quorate.raft.log.rocksdb.Logs.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.runtime.DurableLog;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A write that really fails: the file system is full. Needs the right to mount one that is small. */
class FailedWriteTest {

    private static final int MOUNT_MEGABYTES = 16;

    @TempDir
    Path directory;

    private Path mount = Path.of("");
    private boolean mounted;

    @BeforeEach
    void mountSmallFileSystem() throws Exception {
        mount = Files.createDirectory(directory.resolve("small"));
        mounted = run("mount", "-t", "tmpfs", "-o", "size=" + MOUNT_MEGABYTES + "m", "tmpfs", mount.toString());
        assumeTrue(mounted, "only who may mount a small file system can fill one; this user may not");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            // Lazily: the acknowledged mark stays mapped until the garbage collector comes by.
            assertTrue(run("umount", "-l", mount.toString()), "could not unmount " + mount);
        }
    }

    @Test
    void afterAWriteThatFailedNothingIsWrittenOrAcknowledgedAnyMore() throws IOException {
        Path data = mount.resolve("log");
        long acknowledged = 0;
        try (DurableLog log = open(data)) {
            log.recover(THREE);
            IOException failure = null;
            while (failure == null) {
                assertTrue(acknowledged < MOUNT_MEGABYTES, "the disk does not fill up");
                try {
                    write(log, append(List.of(megabyte(acknowledged + 1))));
                    acknowledged++;
                } catch (IOException e) {
                    failure = e;
                }
            }
            assertTrue(acknowledged > 0);
            assertTrue(String.valueOf(failure.getMessage()).contains("disk is full"), failure::toString);
            assertTrue(String.valueOf(failure.getMessage()).contains("not known"), failure::toString);

            // There is room again, and still nothing is written.
            assertTrue(run("mount", "-o", "remount,size=" + 2 * MOUNT_MEGABYTES + "m", mount.toString()));
            assertFails(IOException.class, "takes no writes", () -> write(log, vote(5, "n1")));
            assertFails(IOException.class, "takes no writes", () -> write(log, append(List.of())));
            assertEquals(acknowledged, readAll(log, 1, acknowledged).size());
            long next = acknowledged + 1;
            assertThrows(IOException.class, () -> log.read(next, next, 1));
        }
        try (DurableLog log = open(data)) {
            Recovered recovered = log.recover(THREE);
            // What failed may be there or not; what was acknowledged is there.
            assertTrue(recovered.lastIndex() == acknowledged || recovered.lastIndex() == acknowledged + 1);
            for (Entry entry : readAll(log, 1, recovered.lastIndex())) {
                assertArrayEquals(megabyte(entry.index()).payload(), entry.payload());
            }
        }
    }

    @Test
    void aLogThatFindsItsDiskFullSaysSoAndHasEverythingOnceThereIsRoom() throws IOException {
        Path data = mount.resolve("log");
        try (DurableLog log = open(data)) {
            log.recover(THREE);
            write(log, append(List.of(megabyte(1))));
        }
        Path ballast = mount.resolve("ballast");
        fill(ballast);

        assertFails(IOException.class, "disk is full", () -> {
            try (DurableLog log = open(data)) {
                log.recover(THREE);
                write(log, append(List.of(megabyte(2))));
            }
        });

        Files.delete(ballast);
        try (DurableLog log = open(data)) {
            assertTrue(log.recover(THREE).lastIndex() >= 1);
            assertArrayEquals(megabyte(1).payload(), readAll(log, 1, 1).get(0).payload());
        }
    }

    private static void fill(Path ballast) throws IOException {
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (true) {
                out.write(new byte[4_096]);
            }
        } catch (IOException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("No space left"), e::toString);
        }
    }

    private static Entry megabyte(long index) {
        byte[] payload = new byte[1 << 20];
        new Random(index).nextBytes(payload);
        return Entry.command(index, 1, payload);
    }

    private static boolean run(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }
}
