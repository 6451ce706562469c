package dev.quorate.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import dev.quorate.kv.api.CampaignRequest;
import dev.quorate.kv.api.CampaignResponse;
import dev.quorate.kv.api.ElectionGrpc;
import dev.quorate.kv.api.LeaderKey;
import dev.quorate.kv.api.LeaderRequest;
import dev.quorate.kv.api.LeaderResponse;
import dev.quorate.kv.api.LeaseGrantRequest;
import dev.quorate.kv.api.LeaseGrpc;
import dev.quorate.kv.api.LeaseRevokeRequest;
import dev.quorate.kv.api.LockGrpc;
import dev.quorate.kv.api.LockRequest;
import dev.quorate.kv.api.LockResponse;
import dev.quorate.kv.api.ProclaimRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.ResignRequest;
import dev.quorate.kv.api.UnlockRequest;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Lock and Election, at different members. */
@ConformanceChecks
final class LockChecksTest extends Checks {

    private static final long DEADLINE_SECONDS = 20;

    LockChecksTest(Server server) {
        super(server);
    }

    private long lease() {
        return cluster()
                .stub(0, LeaseGrpc::newBlockingStub)
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build())
                .getID();
    }

    private LockRequest lockOf(String name, long lease) {
        return LockRequest.newBuilder().setName(key(name)).setLease(lease).build();
    }

    private LockResponse lock(int node, String name, long lease) {
        return cluster().stub(node, LockGrpc::newBlockingStub).lock(lockOf(name, lease));
    }

    private ListenableFuture<LockResponse> lockLater(int node, String name, long lease) {
        return cluster().stub(node, LockGrpc::newFutureStub).lock(lockOf(name, lease));
    }

    private void unlock(ByteString key) {
        cluster()
                .stub(0, LockGrpc::newBlockingStub)
                .unlock(UnlockRequest.newBuilder().setKey(key).build());
    }

    /** Until that many wait for, or have, the lock of a name. */
    private void awaitQueue(String name, long count) {
        long deadline = System.nanoTime() + Duration.ofSeconds(DEADLINE_SECONDS).toNanos();
        ByteString first = key(name).concat(bytes("/"));
        RangeRequest queue =
                RangeRequest.newBuilder().setKey(first).setRangeEnd(end(first)).build();
        while (cluster().kv().range(queue).getCount() != count && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
        assertEquals(count, cluster().kv().range(queue).getCount());
    }

    @Test
    void aLockIsAKeyOfItsLease() {
        long lease = lease();

        LockResponse locked = lock(0, "l", lease);

        assertEquals(key("l").concat(bytes("/" + Long.toHexString(lease))), locked.getKey());
        assertEquals(1, get(locked.getKey()).getCount());
        assertEquals(locked.getKey(), lock(1, "l", lease).getKey()); // again with the same lease is the same lock
        unlock(locked.getKey());
        assertEquals(0, get(locked.getKey()).getCount());
    }

    @Test
    void whoComesSecondWaitsForTheFirstToUnlock() throws Exception {
        ByteString first = lock(0, "w", lease()).getKey();
        ListenableFuture<LockResponse> second = lockLater(1, "w", lease());
        awaitQueue("w", 2);
        assertTrue(!second.isDone(), "the lock is held by another");

        unlock(first);

        assertEquals(
                1, get(second.get(DEADLINE_SECONDS, TimeUnit.SECONDS).getKey()).getCount());
    }

    @Test
    void theEndOfALeaseUnlocks() throws Exception {
        long lease = lease();
        lock(0, "e", lease);
        ListenableFuture<LockResponse> second = lockLater(2, "e", lease());
        awaitQueue("e", 2);

        cluster()
                .stub(0, LeaseGrpc::newBlockingStub)
                .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build());

        assertTrue(second.get(DEADLINE_SECONDS, TimeUnit.SECONDS).getKey().size() > 0);
    }

    @Test
    void whoGoesAwayWhileHeWaitsLeavesTheQueue() {
        ByteString held = lock(0, "g", lease()).getKey();
        ListenableFuture<LockResponse> second = lockLater(1, "g", lease());
        awaitQueue("g", 2);

        second.cancel(true);

        awaitQueue("g", 1);
        unlock(held);
    }

    @Test
    void withoutALeaseTheServerHasOne() {
        ByteString held = lock(0, "s", 0).getKey();

        assertTrue(get(held).getKvs(0).getLease() != 0);
        unlock(held);
    }

    @Test
    void aLeaseThatIsNotThereLocksNothing() {
        assertRefused(Code.UNKNOWN, "etcdserver: requested lease not found", () -> lock(0, "n", 4_711));
    }

    // ---- elections -------------------------------------------------------------------------------------------------

    private ElectionGrpc.ElectionBlockingStub election(int node) {
        return cluster().stub(node, ElectionGrpc::newBlockingStub);
    }

    private CampaignRequest campaignOf(String name, String value, long lease) {
        return CampaignRequest.newBuilder()
                .setName(key(name))
                .setValue(bytes(value))
                .setLease(lease)
                .build();
    }

    private String leaderOf(int node, String name) {
        return election(node)
                .leader(LeaderRequest.newBuilder().setName(key(name)).build())
                .getKv()
                .getValue()
                .toStringUtf8();
    }

    private void resign(LeaderKey leader) {
        election(0).resign(ResignRequest.newBuilder().setLeader(leader).build());
    }

    @Test
    void whoIsElectedProclaimsUntilHeResigns() throws Exception {
        long lease = lease();
        LeaderKey first = election(0).campaign(campaignOf("c", "one", lease)).getLeader();
        assertEquals(key("c"), first.getName());
        assertEquals(lease, first.getLease());
        assertEquals(get(first.getKey()).getKvs(0).getCreateRevision(), first.getRev());
        assertEquals("one", leaderOf(1, "c"));
        ListenableFuture<CampaignResponse> second =
                cluster().stub(1, ElectionGrpc::newFutureStub).campaign(campaignOf("c", "two", lease()));
        awaitQueue("c", 2);

        election(2)
                .proclaim(ProclaimRequest.newBuilder()
                        .setLeader(first)
                        .setValue(bytes("one again"))
                        .build());
        assertEquals("one again", leaderOf(1, "c"));
        resign(first);

        LeaderKey next = second.get(DEADLINE_SECONDS, TimeUnit.SECONDS).getLeader();
        assertEquals("two", leaderOf(0, "c"));
        assertRefused(
                Code.UNKNOWN,
                "election: not leader",
                () -> election(0)
                        .proclaim(ProclaimRequest.newBuilder()
                                .setLeader(first)
                                .setValue(bytes("late"))
                                .build()));
        resign(first); // again is no error
        resign(next);
    }

    @Test
    void withoutALeaderThereIsNoneToName() {
        assertRefused(Code.UNKNOWN, "election: no leader", () -> leaderOf(0, "nobody"));
        assertRefused(
                Code.UNKNOWN,
                "\"leader\" field must be provided",
                () -> election(0).proclaim(ProclaimRequest.getDefaultInstance()));
        assertRefused(
                Code.UNKNOWN,
                "\"leader\" field must be provided",
                () -> election(0).resign(ResignRequest.getDefaultInstance()));
    }

    @Test
    void observersHearEveryLeaderAndWhatHeProclaims() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        cluster()
                .stub(2, ElectionGrpc::newStub)
                .observe(LeaderRequest.newBuilder().setName(key("o")).build(), new StreamObserver<LeaderResponse>() {
                    @Override
                    public void onNext(LeaderResponse response) {
                        heard.add(response.getKv().getValue().toStringUtf8());
                    }

                    @Override
                    public void onError(Throwable failure) {
                        heard.add("failed: " + failure);
                    }

                    @Override
                    public void onCompleted() {
                        heard.add("ended");
                    }
                });
        LeaderKey first = election(0).campaign(campaignOf("o", "one", lease())).getLeader();
        assertEquals("one", heard.poll(DEADLINE_SECONDS, TimeUnit.SECONDS));
        election(0)
                .proclaim(ProclaimRequest.newBuilder()
                        .setLeader(first)
                        .setValue(bytes("more"))
                        .build());
        assertEquals("more", heard.poll(DEADLINE_SECONDS, TimeUnit.SECONDS));
        resign(first);
        LeaderKey second = election(1).campaign(campaignOf("o", "two", lease())).getLeader();
        assertEquals("two", heard.poll(DEADLINE_SECONDS, TimeUnit.SECONDS));
        resign(second);
    }
}
