package dev.quorate.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.LeaseGrantRequest;
import dev.quorate.kv.api.LeaseGrantResponse;
import dev.quorate.kv.api.LeaseGrpc;
import dev.quorate.kv.api.LeaseKeepAliveRequest;
import dev.quorate.kv.api.LeaseKeepAliveResponse;
import dev.quorate.kv.api.LeaseLeasesRequest;
import dev.quorate.kv.api.LeaseRevokeRequest;
import dev.quorate.kv.api.LeaseStatus;
import dev.quorate.kv.api.LeaseTimeToLiveRequest;
import dev.quorate.kv.api.LeaseTimeToLiveResponse;
import dev.quorate.kv.api.PutRequest;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Lease. */
@ConformanceChecks
final class LeaseChecksTest extends Checks {

    private static final int TTL = 60;
    private static final long DEADLINE_SECONDS = 20;

    LeaseChecksTest(Server server) {
        super(server);
    }

    private LeaseGrpc.LeaseBlockingStub leases() {
        return cluster().stub(0, LeaseGrpc::newBlockingStub);
    }

    private long grant(long ttl) {
        LeaseGrantResponse granted =
                leases().leaseGrant(LeaseGrantRequest.newBuilder().setTTL(ttl).build());
        assertTrue(granted.getID() > 0, "the server chooses a positive id");
        return granted.getID();
    }

    private void revoke(long id) {
        leases().leaseRevoke(LeaseRevokeRequest.newBuilder().setID(id).build());
    }

    private void putWith(String key, long lease) {
        cluster()
                .kv()
                .put(PutRequest.newBuilder().setKey(key(key)).setLease(lease).build());
    }

    private LeaseTimeToLiveResponse timeToLive(long id) {
        return leases().leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                .setID(id)
                .setKeys(true)
                .build());
    }

    private Set<ByteString> keysOf(long id) {
        return new HashSet<>(timeToLive(id).getKeysList());
    }

    @Test
    void aGrantSaysItsIdAndItsTimeAndRaisesNoRevision() {
        long before = put(key("k"), "1").getHeader().getRevision();
        LeaseGrantResponse granted =
                leases().leaseGrant(LeaseGrantRequest.newBuilder().setTTL(TTL).build());

        assertEquals(TTL, granted.getTTL());
        assertEquals(before, granted.getHeader().getRevision());
        assertEquals(before, get(key("k")).getHeader().getRevision());
        revoke(granted.getID());
    }

    @Test
    void anIdThatIsGivenIsUsedOnce() {
        LeaseGrantRequest request =
                LeaseGrantRequest.newBuilder().setTTL(TTL).setID(4_200_001).build();
        assertEquals(4_200_001, leases().leaseGrant(request).getID());

        assertRefused(Code.FAILED_PRECONDITION, "etcdserver: lease already exists", () -> leases().leaseGrant(request));
        revoke(4_200_001);
    }

    @Test
    void aTimeBeyondTheLimitIsRefusedAndOneBelowIsRaised() {
        assertRefused(
                Code.OUT_OF_RANGE,
                "etcdserver: too large lease TTL",
                () -> leases().leaseGrant(LeaseGrantRequest.newBuilder()
                        .setTTL(9_000_000_001L)
                        .build()));
        LeaseGrantResponse shortest =
                leases().leaseGrant(LeaseGrantRequest.newBuilder().setTTL(1).build());

        assertTrue(shortest.getTTL() >= 1, "granted " + shortest.getTTL());
    }

    @Test
    void revocationDeletesAllKeysOfTheLeaseInOneRevision() {
        long lease = grant(TTL);
        putWith("a", lease);
        putWith("b", lease);
        long before = put(key("other"), "1").getHeader().getRevision();

        revoke(lease);

        assertEquals(0, get(key("a")).getCount());
        assertEquals(0, get(key("b")).getCount());
        assertEquals(before + 1, get(key("other")).getHeader().getRevision());
        assertRefused(Code.NOT_FOUND, "etcdserver: requested lease not found", () -> revoke(lease));
    }

    @Test
    void aKeyBelongsToTheLeaseOfItsNewestPut() {
        long first = grant(TTL);
        long second = grant(TTL);
        putWith("moved", first);
        putWith("dropped", first);
        putWith("deleted", first);
        putWith("kept", first);

        putWith("moved", second);
        putWith("dropped", 0);
        cluster()
                .kv()
                .deleteRange(
                        DeleteRangeRequest.newBuilder().setKey(key("deleted")).build());
        cluster()
                .kv()
                .put(PutRequest.newBuilder()
                        .setKey(key("kept"))
                        .setIgnoreLease(true)
                        .build());

        assertEquals(Set.of(key("kept")), keysOf(first));
        assertEquals(Set.of(key("moved")), keysOf(second));
        assertEquals(second, get(key("moved")).getKvs(0).getLease());
        revoke(first);
        revoke(second);
    }

    @Test
    void timeToLiveTellsWhatIsLeftAndMinusOneForNone() {
        long lease = grant(TTL);

        LeaseTimeToLiveResponse left = timeToLive(lease);

        assertEquals(TTL, left.getGrantedTTL());
        assertTrue(left.getTTL() > TTL / 2 && left.getTTL() <= TTL, "left: " + left.getTTL());
        assertEquals(-1, timeToLive(lease + 1).getTTL());
        revoke(lease);
    }

    @Test
    void allLeasesAreListed() {
        long lease = grant(TTL);

        List<Long> ids = leases().leaseLeases(LeaseLeasesRequest.getDefaultInstance()).getLeasesList().stream()
                .map(LeaseStatus::getID)
                .toList();

        assertTrue(ids.contains(lease), () -> lease + " is not among " + ids);
        revoke(lease);
    }

    @Test
    void keepAlivesAreAnsweredAtAnyMemberAndAnUnknownLeaseHasNoTimeLeft() throws Exception {
        long lease = grant(TTL);
        for (int node = 0; node < Cluster.NODES; node++) {
            BlockingQueue<LeaseKeepAliveResponse> answers = new LinkedBlockingQueue<>();
            StreamObserver<LeaseKeepAliveRequest> requests =
                    cluster().stub(node, LeaseGrpc::newStub).leaseKeepAlive(new Answers(answers));

            assertEquals(TTL, ask(requests, answers, lease).getTTL());
            assertEquals(0, ask(requests, answers, lease + 1).getTTL());
            assertEquals(TTL, ask(requests, answers, lease).getTTL()); // the stream has stayed open
            requests.onCompleted();
        }
        revoke(lease);
    }

    private static LeaseKeepAliveResponse ask(
            StreamObserver<LeaseKeepAliveRequest> requests, BlockingQueue<LeaseKeepAliveResponse> answers, long lease)
            throws InterruptedException {
        requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(lease).build());
        LeaseKeepAliveResponse answer = answers.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
        assertTrue(answer != null && answer.getID() == lease, "answered " + answer);
        return answer;
    }

    private record Answers(BlockingQueue<LeaseKeepAliveResponse> queue)
            implements StreamObserver<LeaseKeepAliveResponse> {
        @Override
        public void onNext(LeaseKeepAliveResponse answer) {
            queue.add(answer);
        }

        @Override
        public void onError(Throwable failure) {} // whoever waits sees no answer

        @Override
        public void onCompleted() {}
    }

    @Test
    void aLeaseThatNobodyRenewsEndsWithItsKeys() {
        long lease = grant(1);
        putWith("ephemeral", lease);
        long deadline = System.nanoTime() + Duration.ofSeconds(DEADLINE_SECONDS).toNanos();

        while (get(key("ephemeral")).getCount() > 0 && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }

        assertEquals(0, get(key("ephemeral")).getCount());
        assertEquals(-1, timeToLive(lease).getTTL());
    }
}
