package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.kv.server.KvServerException.Reason;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk without room: what the operator is told, and that nothing acknowledged is lost. */
@Timeout(120)
final class FullDiskTest {

    private static final int DISK_MEGABYTES = 160;
    private static final String VALUE = "v".repeat(100_000);

    @TempDir
    private Path directory;

    private static String requireFull(TestCluster cluster) {
        KvServerException refused = assertThrows(KvServerException.class, () -> cluster.start("n1"));
        String message = String.valueOf(refused.getMessage());
        assertEquals(Reason.DISK_FULL, refused.reason(), message);
        assertEquals(1, message.lines().count());
        return message;
    }

    @Test
    void aServerOnADiskThatIsTooSmallDoesNotStartAndSaysHowMuchItNeeds() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(directory, 8);
                TestCluster cluster = new TestCluster(disk.path(), 1, 1_000)) {
            String message = requireFull(cluster);

            assertTrue(message.contains("8 MiB left and a start needs 64 MiB"), message);
        }
    }

    @Test
    void aServerThatFindsItsDiskFullStartsOnceThereIsRoomAgain() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(directory, DISK_MEGABYTES);
                TestCluster cluster = new TestCluster(disk.path(), 1, 1_000).startAll()) {
            cluster.leader();
            cluster.client("n1").put("k", "kept");
            cluster.stop("n1");
            disk.fill();

            String message = requireFull(cluster);
            assertTrue(message.contains("0 MiB left"), message);

            disk.empty();
            cluster.start("n1");
            cluster.leader();
            assertEquals("kept", cluster.client("n1").value("k"));
        }
    }

    @Test
    void aServerWhoseDiskFillsUpStopsItselfAndKeepsWhatItAcknowledged() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(directory, DISK_MEGABYTES);
                TestCluster cluster = new TestCluster(disk.path(), 1, 100).startAll()) {
            cluster.leader();
            KvServer server = cluster.server("n1");
            int acknowledged = 0;
            for (; acknowledged < 150; acknowledged++) {
                cluster.client("n1").put("k" + acknowledged, VALUE);
            }
            disk.fill();

            acknowledged = putUntilRefused(cluster, acknowledged);

            ExecutionException stopped = assertThrows(
                    ExecutionException.class, () -> server.stopped().get(30, TimeUnit.SECONDS));
            String why = String.valueOf(stopped.getMessage());
            assertTrue(why.contains("disk is full"), why);
            assertEquals(1, why.lines().count(), why);

            cluster.stop("n1");
            disk.empty();
            cluster.start("n1");
            cluster.leader();
            for (int i = 0; i < acknowledged; i++) {
                assertEquals(VALUE, cluster.client("n1").value("k" + i), "k" + i);
            }
            cluster.client("n1").put("after", "it goes on");
            assertEquals("it goes on", cluster.client("n1").value("after"));
        }
    }

    /** Returns how many were acknowledged in all. */
    private static int putUntilRefused(TestCluster cluster, int acknowledged) {
        int count = acknowledged;
        try {
            while (count < 10_000) {
                cluster.client("n1").put("k" + count, VALUE);
                count++;
            }
            throw new AssertionError("the disk does not fill up");
        } catch (StatusRuntimeException e) {
            return count;
        }
    }
}
