package dev.quorate.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.DeleteRangeResponse;
import dev.quorate.kv.api.KeyValue;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.PutResponse;
import io.grpc.Status.Code;
import java.util.List;
import org.junit.jupiter.api.Test;

/** KV.Put and KV.DeleteRange. */
@ConformanceChecks
final class PutChecksTest extends Checks {

    PutChecksTest(Server server) {
        super(server);
    }

    private PutResponse put(PutRequest.Builder request) {
        return cluster().kv().put(request.build());
    }

    private PutRequest.Builder to(String key) {
        return PutRequest.newBuilder().setKey(key(key));
    }

    @Test
    void eachPutRaisesTheRevisionByOneAlsoWithTheSameValue() {
        long first = put(key("k"), "same").getHeader().getRevision();
        long second = put(key("k"), "same").getHeader().getRevision();

        assertEquals(first + 1, second);
        assertEquals(2, get(key("k")).getKvs(0).getVersion());
    }

    @Test
    void aPutAnswersThePairBefore() {
        PutResponse created = put(to("k").setValue(bytes("1")).setPrevKv(true));
        PutResponse changed = put(to("k").setValue(bytes("2")).setPrevKv(true));

        assertFalse(created.hasPrevKv());
        assertEquals("1", changed.getPrevKv().getValue().toStringUtf8());
        assertEquals(created.getHeader().getRevision(), changed.getPrevKv().getModRevision());
    }

    @Test
    void anEmptyKeyIsRefused() {
        assertRefused(Code.INVALID_ARGUMENT, "etcdserver: key is not provided", () -> put(PutRequest.newBuilder()));
    }

    @Test
    void anEmptyValueIsAValue() {
        put(key("k"), "");

        assertEquals(1, get(key("k")).getCount());
    }

    @Test
    void theValueIsKeptOnDemand() {
        put(key("k"), "kept");

        put(to("k").setIgnoreValue(true));

        KeyValue pair = get(key("k")).getKvs(0);
        assertEquals("kept", pair.getValue().toStringUtf8());
        assertEquals(2, pair.getVersion());
    }

    @Test
    void aValueThatIsToBeKeptMustNotBeGiven() {
        assertRefused(
                Code.INVALID_ARGUMENT,
                "etcdserver: value is provided",
                () -> put(to("k").setIgnoreValue(true).setValue(bytes("x"))));
        assertRefused(
                Code.INVALID_ARGUMENT,
                "etcdserver: lease is provided",
                () -> put(to("k").setIgnoreLease(true).setLease(7)));
    }

    @Test
    void whatIsToBeKeptMustBeThere() {
        assertRefused(
                Code.INVALID_ARGUMENT,
                "etcdserver: key not found",
                () -> put(to("absent").setIgnoreValue(true)));
        assertRefused(
                Code.INVALID_ARGUMENT,
                "etcdserver: key not found",
                () -> put(to("absent").setIgnoreLease(true).setValue(bytes("x"))));
    }

    @Test
    void aLeaseThatIsNotThereIsRefused() {
        long before = put(key("other"), "1").getHeader().getRevision();

        assertRefused(
                Code.NOT_FOUND,
                "etcdserver: requested lease not found",
                () -> put(to("k").setValue(bytes("1")).setLease(4_711)));
        assertEquals(before, get(key("k")).getHeader().getRevision());
    }

    @Test
    void aRequestBeyondTheLimitIsRefused() {
        ByteString large = ByteString.copyFrom(new byte[1_600_000]);

        assertRefused(Code.INVALID_ARGUMENT, "etcdserver: request is too large", () -> put(to("k").setValue(large)));
    }

    @Test
    void aDeleteCountsAndAnswersWhatItDeletedInOneRevision() {
        put(key("d0"), "a");
        long before = put(key("d1"), "b").getHeader().getRevision();

        DeleteRangeResponse deleted = cluster()
                .kv()
                .deleteRange(DeleteRangeRequest.newBuilder()
                        .setKey(key("d"))
                        .setRangeEnd(end(key("d")))
                        .setPrevKv(true)
                        .build());

        assertEquals(2, deleted.getDeleted());
        assertEquals(List.of("a", "b"), values(deleted.getPrevKvsList()));
        assertEquals(before + 1, deleted.getHeader().getRevision());
    }

    @Test
    void aDeleteOfNothingLeavesTheRevision() {
        long before = put(key("k"), "1").getHeader().getRevision();

        DeleteRangeResponse deleted = cluster()
                .kv()
                .deleteRange(
                        DeleteRangeRequest.newBuilder().setKey(key("absent")).build());

        assertEquals(0, deleted.getDeleted());
        assertEquals(before, deleted.getHeader().getRevision());
    }

    @Test
    void aDeleteWithoutAKeyIsRefused() {
        assertRefused(
                Code.INVALID_ARGUMENT,
                "etcdserver: key is not provided",
                () -> cluster().kv().deleteRange(DeleteRangeRequest.getDefaultInstance()));
    }

    @Test
    void aKeyThatComesBackBeginsAnew() {
        put(key("k"), "1");
        put(key("k"), "2");
        delete(key("k"));

        long again = put(key("k"), "3").getHeader().getRevision();

        KeyValue pair = get(key("k")).getKvs(0);
        assertEquals(1, pair.getVersion());
        assertEquals(again, pair.getCreateRevision());
    }
}
