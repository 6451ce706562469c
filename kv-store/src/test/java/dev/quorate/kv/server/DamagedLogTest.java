package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.HashKVRequest;
import dev.quorate.kv.api.RangeRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A byte of an acknowledged entry rots on one of three disks. */
final class DamagedLogTest {

    private static final long NO_SNAPSHOTS = 1_000_000;
    private static final long MANY_SNAPSHOTS = 100;

    @TempDir
    private Path root;

    @Test
    void theMemberGetsItsLogFromTheOthersAndReturns() throws Exception {
        damageAndReturn(NO_SNAPSHOTS);
    }

    @Test
    void alsoWhenTheLogOfTheOthersBeginsAfterASnapshot() throws Exception {
        damageAndReturn(MANY_SNAPSHOTS);
    }

    private void damageAndReturn(long snapshotEveryEntries) throws Exception {
        try (TestCluster cluster = new TestCluster(root, 3, snapshotEveryEntries).startAll()) {
            String victim = cluster.aFollower();
            for (int i = 0; i < 300; i++) {
                cluster.client(victim).put("k" + i, "v" + i);
            }
            cluster.stop(victim);
            String leader = cluster.leader();
            damage(root.resolve(victim));
            cluster.client(leader).put("meanwhile", "x");

            cluster.start(victim);

            TestCluster.await(
                    "the log of " + victim + " is whole",
                    () -> !cluster.server(victim).status().damaged());
            assertFalse(saysThatItIsDamaged(cluster, victim));
            assertEquals("x", cluster.client(victim).value("meanwhile"));
            assertEquals("v299", local(cluster, victim, "k299"));
            assertEquals(hash(cluster, leader), hash(cluster, victim));
            assertTrue(Files.exists(root.resolve(victim).resolve("log/db.damaged")));
            assertTrue(Files.exists(root.resolve(victim).resolve("store.damaged")));
            String other = cluster.names().stream()
                    .filter(name -> !name.equals(leader) && !name.equals(victim))
                    .findFirst()
                    .orElseThrow();
            cluster.stop(other);
            cluster.client(leader).put("after", "y"); // needs the one that was damaged
            cluster.stop(victim);
            cluster.start(victim);
            TestCluster.await(
                    "its vote counts again",
                    () -> "y".equals(cluster.client(victim).value("after")));
        }
    }

    @Test
    void aMemberThatStartsOftenBeforeItIsWholeKeepsWhatItHadOnce() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 3, NO_SNAPSHOTS).startAll()) {
            String victim = cluster.aFollower();
            for (int i = 0; i < 100; i++) {
                cluster.client(victim).put("k" + i, "v" + i);
            }
            List<String> others = cluster.names().stream()
                    .filter(name -> !name.equals(victim))
                    .toList();
            others.forEach(cluster::stop);
            cluster.stop(victim);
            damage(root.resolve(victim));
            for (int start = 0; start < 3; start++) {
                assertTrue(cluster.start(victim).status().damaged(), "nobody is there to help");
                assertTrue(saysThatItIsDamaged(cluster, victim));
                cluster.stop(victim);
            }

            assertTrue(Files.exists(root.resolve(victim).resolve("store.damaged")));
            assertFalse(Files.exists(root.resolve(victim).resolve("store.damaged-2")));
            assertFalse(Files.exists(root.resolve(victim).resolve("log/db.damaged-2")));
            for (String name : cluster.names()) {
                cluster.start(name);
            }
            TestCluster.await(
                    "the log of " + victim + " is whole",
                    () -> !cluster.server(victim).status().damaged());
            assertEquals("v99", cluster.client(victim).value("k99"));
        }
    }

    private static boolean saysThatItIsDamaged(TestCluster cluster, String name) {
        return cluster.client(name).status().getErrorsList().stream()
                .anyMatch(error -> error.contains("the log was damaged"));
    }

    private static String local(TestCluster cluster, String name, String key) {
        return cluster.client(name)
                .kv()
                .range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setSerializable(true)
                        .build())
                .getKvs(0)
                .getValue()
                .toStringUtf8();
    }

    private static int hash(TestCluster cluster, String name) {
        return cluster.client(name)
                .maintenance()
                .hashKV(HashKVRequest.newBuilder().setRevision(300).build())
                .getHash();
    }

    @Test
    void aServerThatIsAloneSaysThatNobodyCanHelpAndChangesNothing() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 1, NO_SNAPSHOTS).startAll()) {
            cluster.leader();
            for (int i = 0; i < 20; i++) {
                cluster.client("n1").put("k" + i, "v");
            }
            cluster.stop("n1");
            damage(root.resolve("n1"));

            for (int attempt = 0; attempt < 2; attempt++) {
                KvServerException refused = assertThrows(KvServerException.class, () -> cluster.start("n1"));
                assertEquals(KvServerException.Reason.DATA_UNUSABLE, refused.reason());
                assertTrue(String.valueOf(refused.getMessage()).contains("lost acknowledged writes"));
            }
        }
    }

    /** Flips a bit in the first half of what the newest write-ahead file holds. */
    private static void damage(Path member) throws IOException {
        Path file;
        try (Stream<Path> files = Files.list(member.resolve("log/db"))) {
            file = files.filter(each -> each.toString().endsWith(".log"))
                    .max(Comparator.comparing(Path::toString))
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(file);
        int end = bytes.length;
        while (bytes[end - 1] == 0) {
            end--;
        }
        bytes[end / 2] ^= 0x10;
        Files.write(file, bytes);
    }
}
