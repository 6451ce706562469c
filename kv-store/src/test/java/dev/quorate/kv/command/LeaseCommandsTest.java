package dev.quorate.kv.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.LeaseGrantRequest;
import dev.quorate.kv.api.LeaseKeepAliveRequest;
import dev.quorate.kv.api.LeaseRevokeRequest;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.Lease;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LeaseCommandsTest {

    private static final long TERM = 1;

    @TempDir
    Path root;

    private StoreUnderTest store;

    @BeforeEach
    void open() throws IOException {
        store = new StoreUnderTest(root.resolve("one"), StoreUnderTest.smallOptions());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void anUnknownLeaseRefusesThePutAndItsWholeTransaction() {
        TxnRequest txn = TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestPut(put("a", 0)))
                .addSuccess(RequestOp.newBuilder().setRequestPut(put("b", 7)))
                .build();

        assertEquals(new CommandResult.Refused(KvError.LEASE_NOT_FOUND), store.apply(Command.Kind.PUT, put("a", 7)));
        assertEquals(new CommandResult.Refused(KvError.LEASE_NOT_FOUND), store.apply(Command.Kind.TXN, txn));
        assertEquals(1, store.store().state().revision());
    }

    @Test
    void aLeaseIsGrantedOnceAndChangesNoRevision() {
        grant(7);

        assertEquals(
                new CommandResult.Refused(KvError.LEASE_EXISTS), store.apply(Command.Kind.LEASE_GRANT, request(7)));
        assertEquals(new Lease(7, 10, 1), store.store().lease(7));
        assertEquals(1, store.store().state().revision());
    }

    @Test
    void revocationDeletesTheKeysOfTheLeaseInOneRevision() throws Exception {
        grant(7);
        grant(8);
        store.apply(Command.Kind.PUT, put("a", 7));
        store.apply(Command.Kind.PUT, put("b", 8));
        store.apply(Command.Kind.PUT, put("c", 7));

        assertEquals(new CommandResult.Done(5), revoke(7));

        assertEquals(List.of("b"), present("a", "b", "c"));
        assertNull(store.store().lease(7));
        assertEquals(new CommandResult.Refused(KvError.LEASE_NOT_FOUND), revoke(7));
    }

    @Test
    void revocationWithoutKeysLeavesTheRevision() {
        grant(7);

        assertEquals(new CommandResult.Done(1), revoke(7));
    }

    @Test
    void aKeyBelongsToTheLeaseOfItsNewestPut() {
        grant(7);
        grant(8);
        for (String key : List.of("moved", "dropped", "deleted", "kept")) {
            store.apply(Command.Kind.PUT, put(key, 7));
        }

        store.apply(Command.Kind.PUT, put("moved", 8));
        store.apply(Command.Kind.PUT, put("dropped", 0));
        store.apply(
                Command.Kind.DELETE_RANGE,
                DeleteRangeRequest.newBuilder().setKey(utf8("deleted")).build());
        store.apply(
                Command.Kind.PUT,
                put("kept", 0).toBuilder().setIgnoreLease(true).build());

        assertEquals(List.of("kept"), keysOf(7));
        assertEquals(List.of("moved"), keysOf(8));
    }

    @Test
    void anExpirySpeaksOfOneRenewal() {
        grant(7);
        Lease granted = Objects.requireNonNull(store.store().lease(7));
        store.apply(
                Command.Kind.LEASE_RENEW,
                LeaseKeepAliveRequest.newBuilder().setID(7).build());

        expire(TERM, granted);
        Lease renewed = store.store().lease(7);
        assertNotNull(renewed, "renewed before it ended");

        expire(TERM, renewed);
        assertNull(store.store().lease(7));
    }

    @Test
    void anExpiryDoesNothingToALaterLeaseWithTheSameId() {
        grant(7);
        Lease first = Objects.requireNonNull(store.store().lease(7));
        revoke(7);
        grant(7);

        expire(TERM, first);

        assertNotNull(store.store().lease(7));
    }

    @Test
    void anExpiryOfAnEarlierTermDoesNothing() {
        grant(7);

        expire(TERM - 1, Objects.requireNonNull(store.store().lease(7)));

        assertNotNull(store.store().lease(7), "the leader of the term has granted time anew");
    }

    @Test
    void leasesSurviveCrashesAndSnapshots() throws Exception {
        grant(7);
        store.apply(Command.Kind.PUT, put("a", 7));
        store.store().flush();
        grant(8);
        store.apply(Command.Kind.PUT, put("b", 8));

        store.crash();
        store.snapshotAndRestore();

        assertEquals(List.of("a"), keysOf(7));
        assertEquals(List.of("b"), keysOf(8));
        assertEquals(store.store().digest(), store.digestOfReplay(root.resolve("other")));
        revoke(7);
        assertEquals(List.of("b"), present("a", "b"));
    }

    private void grant(long id) {
        store.apply(Command.Kind.LEASE_GRANT, request(id));
    }

    private static LeaseGrantRequest request(long id) {
        return LeaseGrantRequest.newBuilder().setID(id).setTTL(10).build();
    }

    private CommandResult revoke(long id) {
        return store.apply(
                Command.Kind.LEASE_REVOKE,
                LeaseRevokeRequest.newBuilder().setID(id).build());
    }

    private void expire(long term, Lease lease) {
        store.append(new Expiry(term, List.of(new Expiry.Ended(lease.id(), lease.renewedAt())))
                .toCommand(StoreUnderTest.MEMBER));
        store.applyAll();
    }

    private static PutRequest put(String key, long lease) {
        return PutRequest.newBuilder().setKey(utf8(key)).setLease(lease).build();
    }

    private List<String> keysOf(long lease) {
        return store.store().keysOfLease(lease).stream()
                .map(key -> new String(key, StandardCharsets.UTF_8))
                .toList();
    }

    private List<String> present(String... keys) throws Exception {
        List<String> found = new ArrayList<>();
        for (String key : keys) {
            if (store.range(RangeRequest.newBuilder().setKey(utf8(key)).build()).getCount() > 0) {
                found.add(key);
            }
        }
        return found;
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
