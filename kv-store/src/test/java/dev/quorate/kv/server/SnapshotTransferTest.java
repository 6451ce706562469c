package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.raft.RaftStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot of some megabytes moves at a low rate between real servers, and disturbs nobody. */
final class SnapshotTransferTest {

    private static final int BIG_VALUES = 12;
    private static final int BIG_VALUE_BYTES = 512 << 10;
    private static final long BYTES_PER_SECOND = 2 << 20;
    private static final long ELECTION_MILLIS = 1_000;
    private static final int SNAPSHOT_EVERY = 60;
    private static final Pattern PROGRESS = Pattern.compile("quorate: fetching the snapshot at .* (\\d+) % are here");

    @TempDir
    private Path root;

    /** How much is here of a snapshot that is on its way to this member; -1 if none is. */
    private static int percent(TestCluster cluster, String name) {
        for (String error : cluster.client(name).status().getErrorsList()) {
            Matcher progress = PROGRESS.matcher(error);
            if (progress.matches()) {
                return Integer.parseInt(progress.group(1));
            }
        }
        return -1;
    }

    private static void fill(TestCluster cluster, String leader) throws InterruptedException {
        Random random = new Random(7);
        for (int i = 0; i < BIG_VALUES; i++) {
            byte[] value = new byte[BIG_VALUE_BYTES];
            random.nextBytes(value);
            cluster.client(leader)
                    .kv()
                    .put(PutRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8("big" + i))
                            .setValue(ByteString.copyFrom(value))
                            .build());
        }
        Burst.puts(cluster.server(leader).clientPort(), 2 * SNAPSHOT_EVERY, SNAPSHOT_EVERY);
        TestCluster.await(
                "a leader that has forgotten the start of its log",
                () -> cluster.server(leader).status().firstIndex() > BIG_VALUES);
    }

    @Test
    void itGoesOnAfterARestartAndTheGroupWorksAsIfThereWereNone() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 3, SNAPSHOT_EVERY)
                .with(config -> config.snapshotBytesPerSecond(BYTES_PER_SECOND))
                .startAll()) {
            String late = cluster.aFollower();
            cluster.stop(late);
            String leader = cluster.leader();
            fill(cluster, leader);
            RaftStatus before = cluster.server(leader).status();

            cluster.start(late);
            TestCluster.await("a third of the snapshot", () -> percent(cluster, late) >= 33);
            cluster.stop(late);
            cluster.start(late);
            int[] again = {-1};
            TestCluster.await("the transfer goes on", () -> {
                again[0] = percent(cluster, late);
                return again[0] > 0;
            });
            assertTrue(again[0] >= 33, "it went on at " + again[0] + " %");

            long longestNanos = 0;
            int writes = 0;
            while (percent(cluster, late) >= 0) {
                long start = System.nanoTime();
                cluster.client(leader).put("small", "v" + writes++);
                longestNanos = Math.max(longestNanos, System.nanoTime() - start);
            }

            long longestMillis = Duration.ofNanos(longestNanos).toMillis();
            assertTrue(writes > 10, "only " + writes + " writes in the time of the transfer");
            assertTrue(longestMillis < ELECTION_MILLIS, "a write took " + longestMillis + " ms");
            String last = "v" + (writes - 1);
            TestCluster.await(
                    "the late member has it all",
                    () -> cluster.client(late).value("small").equals(last));
            RaftStatus after = cluster.server(leader).status();
            assertEquals(before.term(), after.term(), "the leader stayed");
            assertEquals(before.role(), after.role());
        }
    }
}
