package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.LeaseGrantRequest;
import dev.quorate.kv.api.LeaseGrantResponse;
import dev.quorate.kv.api.LeaseLeasesRequest;
import dev.quorate.kv.api.LeaseRevokeRequest;
import dev.quorate.kv.api.LeaseStatus;
import dev.quorate.kv.api.LeaseTimeToLiveRequest;
import dev.quorate.kv.api.LeaseTimeToLiveResponse;
import dev.quorate.kv.api.PutRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leases of a cluster with three members. */
final class LeaseTest {

    @TempDir
    Path root;

    private TestCluster cluster;

    @BeforeEach
    void start() throws IOException, KvServerException {
        cluster = new TestCluster(root, 3, 20).startAll();
        cluster.leader();
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void everyMemberAnswersForALease() {
        String follower = cluster.aFollower();
        long lease = grant(follower, 0, 100).getID();
        put(follower, "a", lease);

        for (String member : cluster.names()) {
            assertEquals(100, cluster.client(member).keepAlive(lease), member);
            LeaseTimeToLiveResponse ttl = timeToLive(member, lease);
            assertTrue(ttl.getTTL() >= 90 && ttl.getTTL() <= 100, member + ": " + ttl);
            assertEquals(100, ttl.getGrantedTTL());
            assertEquals(List.of(ByteString.copyFromUtf8("a")), ttl.getKeysList());
            List<LeaseStatus> leases = cluster.client(member)
                    .lease()
                    .leaseLeases(LeaseLeasesRequest.getDefaultInstance())
                    .getLeasesList();
            assertEquals(List.of(LeaseStatus.newBuilder().setID(lease).build()), leases);
        }

        cluster.client(follower)
                .lease()
                .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build());
        assertEquals("absent", cluster.client(cluster.leader()).value("a"));
        assertEquals(0, cluster.client(follower).keepAlive(lease));
        assertEquals(-1, timeToLive(follower, lease).getTTL());
    }

    @Test
    void errorsAreEtcds() {
        String leader = cluster.leader();
        grant(leader, 5, 100);

        assertEquals(
                "FAILED_PRECONDITION: etcdserver: lease already exists",
                assertThrows(StatusRuntimeException.class, () -> grant(leader, 5, 100))
                        .getMessage());
        assertEquals(
                "OUT_OF_RANGE: etcdserver: too large lease TTL",
                assertThrows(StatusRuntimeException.class, () -> grant(leader, 6, 9_000_000_001L))
                        .getMessage());
        assertEquals(
                "NOT_FOUND: etcdserver: requested lease not found",
                assertThrows(StatusRuntimeException.class, () -> put(leader, "a", 6))
                        .getMessage());
    }

    @Test
    void aLeaseEndsInTimeAndNotEarlierWithAllItsKeysInOneRevision() {
        String follower = cluster.aFollower();
        long before = System.nanoTime();
        LeaseGrantResponse granted = grant(follower, 0, 1);
        assertEquals(2, granted.getTTL(), "one and a half election timeouts, in whole seconds");
        put(follower, "a", granted.getID());
        long revision = put(follower, "b", granted.getID());

        TestCluster.await(
                "the lease ends", () -> cluster.client(follower).value("a").equals("absent"));

        long lived = System.nanoTime() - before;
        assertTrue(lived >= TimeUnit.SECONDS.toNanos(2), "the lease ended after " + lived + " ns");
        for (String member : cluster.names()) {
            assertEquals("absent", cluster.client(member).value("b"));
            assertEquals(
                    revision + 1, cluster.client(member).get("b").getHeader().getRevision(), member);
        }
    }

    @Test
    void aNewLeaderGivesAllTimeAnewAndEndsTheLeaseThen() throws KvServerException {
        String leader = cluster.leader();
        String follower = cluster.aFollower();
        long lease = grant(follower, 0, 3).getID();
        put(follower, "a", lease);
        for (int i = 0; i < 50; i++) { // more than a snapshot's worth, for the one that comes back
            cluster.client(follower).put("other", "value " + i);
        }

        long stopped = System.nanoTime();
        cluster.stop(leader);
        TestCluster.await(
                "the lease ends", () -> cluster.client(follower).value("a").equals("absent"));
        long lived = System.nanoTime() - stopped;
        assertTrue(lived >= TimeUnit.SECONDS.toNanos(3), "the lease ended " + lived + " ns after its leader");

        cluster.start(leader);
        TestCluster.await(
                "the lease is gone where it was missed",
                () -> timeToLive(leader, lease).getTTL() == -1);
        assertEquals("absent", cluster.client(leader).value("a"));
    }

    private LeaseGrantResponse grant(String member, long id, long ttl) {
        return cluster.client(member)
                .lease()
                .leaseGrant(LeaseGrantRequest.newBuilder().setID(id).setTTL(ttl).build());
    }

    private LeaseTimeToLiveResponse timeToLive(String member, long lease) {
        return cluster.client(member)
                .lease()
                .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                        .setID(lease)
                        .setKeys(true)
                        .build());
    }

    private long put(String member, String key, long lease) {
        return cluster.client(member)
                .kv()
                .put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setLease(lease)
                        .build())
                .getHeader()
                .getRevision();
    }
}
