package dev.quorate.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.KeyValue;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeRequest.SortOrder;
import dev.quorate.kv.api.RangeRequest.SortTarget;
import dev.quorate.kv.api.RangeResponse;
import io.grpc.Status.Code;
import java.util.List;
import org.junit.jupiter.api.Test;

/** KV.Range. */
@ConformanceChecks
final class RangeChecksTest extends Checks {

    private static final ByteString OPEN = ByteString.copyFrom(new byte[1]);

    RangeChecksTest(Server server) {
        super(server);
    }

    private RangeResponse range(RangeRequest.Builder request) {
        return cluster().kv().range(request.build());
    }

    private void putAll(String... values) {
        for (int i = 0; i < values.length; i++) {
            put(key("k" + i), values[i]);
        }
    }

    @Test
    void aKeyThatIsNotThereIsNoError() {
        long revision = put(key("other"), "1").getHeader().getRevision();

        RangeResponse absent = get(key("absent"));

        assertEquals(0, absent.getCount());
        assertEquals(List.of(), absent.getKvsList());
        assertEquals(revision, absent.getHeader().getRevision());
    }

    @Test
    void aPairTellsItsRevisionsAndItsVersion() {
        long created = put(key("k"), "1").getHeader().getRevision();
        long modified = put(key("k"), "2").getHeader().getRevision();

        KeyValue pair = get(key("k")).getKvs(0);

        assertEquals(
                KeyValue.newBuilder()
                        .setKey(key("k"))
                        .setValue(bytes("2"))
                        .setCreateRevision(created)
                        .setModRevision(modified)
                        .setVersion(2)
                        .build(),
                pair);
    }

    @Test
    void anEmptyKeyIsRefused() {
        assertRefused(Code.INVALID_ARGUMENT, "etcdserver: key is not provided", () -> range(RangeRequest.newBuilder()));
    }

    @Test
    void theEndIsNotPartOfTheRange() {
        putAll("a", "b", "c");

        RangeResponse two = range(RangeRequest.newBuilder().setKey(key("k0")).setRangeEnd(key("k2")));

        assertEquals(List.of("a", "b"), values(two.getKvsList()));
        assertEquals(2, two.getCount());
    }

    @Test
    void anEndBeforeTheKeyIsAnEmptyRange() {
        putAll("a", "b");
        long revision = get(key("k0")).getHeader().getRevision();

        RangeResponse none = range(RangeRequest.newBuilder().setKey(key("k1")).setRangeEnd(key("k0")));

        assertEquals(0, none.getCount());
        assertEquals(revision, none.getHeader().getRevision());
    }

    @Test
    void aZeroByteAsTheEndMeansAllKeysFromHereOn() {
        ByteString last = ByteString.copyFrom(new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff});
        put(last, "last of all");

        RangeResponse from = range(RangeRequest.newBuilder().setKey(last).setRangeEnd(OPEN));
        RangeResponse all =
                range(RangeRequest.newBuilder().setKey(OPEN).setRangeEnd(OPEN).setLimit(1));

        assertEquals(List.of("last of all"), values(from.getKvsList()));
        assertTrue(all.getCount() > 1);
        assertTrue(all.getMore());
        delete(last);
    }

    @Test
    void aLimitCutsWhatIsReturnedAndNotWhatIsCounted() {
        putAll("a", "b", "c");

        RangeResponse two = range(all("k").setLimit(2));
        RangeResponse three = range(all("k").setLimit(3));

        assertEquals(List.of("a", "b"), values(two.getKvsList()));
        assertEquals(3, two.getCount());
        assertTrue(two.getMore());
        assertFalse(three.getMore());
        assertEquals(3, three.getKvsCount());
    }

    @Test
    void pairsAreSortedByAnyOfTheirFieldsBeforeTheLimit() {
        putAll("b", "c", "a");
        put(key("k1"), "c"); // the newest, with the highest version

        assertEquals(List.of("a", "b"), sorted(SortTarget.VALUE, SortOrder.ASCEND, 2));
        assertEquals(List.of("c", "b"), sorted(SortTarget.VALUE, SortOrder.DESCEND, 2));
        assertEquals(List.of("a", "c"), sorted(SortTarget.KEY, SortOrder.DESCEND, 2));
        assertEquals(List.of("c", "a"), sorted(SortTarget.MOD, SortOrder.DESCEND, 2));
        assertEquals(List.of("a", "c"), sorted(SortTarget.CREATE, SortOrder.DESCEND, 2));
        assertEquals("c", sorted(SortTarget.VERSION, SortOrder.DESCEND, 1).get(0));
        // A target without an order is ascending.
        assertEquals(List.of("a", "b"), sorted(SortTarget.VALUE, SortOrder.NONE, 2));
    }

    private List<String> sorted(SortTarget target, SortOrder order, int limit) {
        return values(range(all("k").setSortTarget(target).setSortOrder(order).setLimit(limit))
                .getKvsList());
    }

    @Test
    @Since("3.5")
    void aSortOptionThatDoesNotExistIsRefused() {
        assertRefused(
                Code.INVALID_ARGUMENT, "etcdserver: invalid sort option", () -> range(all("k").setSortOrderValue(9)));
    }

    @Test
    void onlyTheCount() {
        putAll("a", "b");

        RangeResponse count = range(all("k").setCountOnly(true));

        assertEquals(2, count.getCount());
        assertEquals(0, count.getKvsCount());
    }

    @Test
    void onlyTheKeysButSortedByTheirValues() {
        putAll("b", "a");

        RangeResponse keys = range(all("k").setKeysOnly(true).setSortTarget(SortTarget.VALUE));

        assertEquals(
                List.of(key("k1"), key("k0")),
                keys.getKvsList().stream().map(KeyValue::getKey).toList());
        assertEquals(List.of("", ""), values(keys.getKvsList()));
    }

    @Test
    void boundsOfTheRevisionsFilterAndAreNotCounted() {
        long first = put(key("k0"), "a").getHeader().getRevision();
        long second = put(key("k1"), "b").getHeader().getRevision();
        long third = put(key("k0"), "c").getHeader().getRevision();

        assertEquals(List.of("b"), filtered(all("k").setMaxModRevision(second)));
        assertEquals(List.of("c"), filtered(all("k").setMinModRevision(third)));
        assertEquals(List.of("c"), filtered(all("k").setMaxCreateRevision(first)));
        assertEquals(List.of("b"), filtered(all("k").setMinCreateRevision(second)));
        assertEquals(2, range(all("k").setMinModRevision(third)).getCount());
    }

    private List<String> filtered(RangeRequest.Builder request) {
        return values(range(request).getKvsList());
    }

    @Test
    void aReadAtAnOlderRevisionSeesWhatWasThenAndSaysWhatIsNow() {
        long first = put(key("k"), "1").getHeader().getRevision();
        long second = put(key("k"), "2").getHeader().getRevision();

        RangeResponse then = range(RangeRequest.newBuilder().setKey(key("k")).setRevision(first));

        assertEquals(List.of("1"), values(then.getKvsList()));
        assertEquals(second, then.getHeader().getRevision());
    }

    @Test
    void aKeyThatWasDeletedIsStillThereBefore() {
        long put = put(key("k"), "1").getHeader().getRevision();
        delete(key("k"));

        assertEquals(0, get(key("k")).getCount());
        assertEquals(
                List.of("1"),
                filtered(RangeRequest.newBuilder().setKey(key("k")).setRevision(put)));
    }

    @Test
    void aRevisionThatIsNotYetThereIsRefused() {
        long now = put(key("k"), "1").getHeader().getRevision();

        assertRefused(
                Code.OUT_OF_RANGE,
                "etcdserver: mvcc: required revision is a future revision",
                () -> range(RangeRequest.newBuilder().setKey(key("k")).setRevision(now + 1_000_000)));
    }

    @Test
    void everyMemberReadsWhatWasAcknowledged() {
        for (int i = 0; i < 20; i++) {
            put(key("k"), "v" + i);
            RangeResponse elsewhere = cluster()
                    .kv(1 + i % 2)
                    .range(RangeRequest.newBuilder().setKey(key("k")).build());
            assertEquals(List.of("v" + i), values(elsewhere.getKvsList()));
        }
    }

    @Test
    void aSerializableReadAnswersFromTheMemberItself() {
        put(key("k"), "1");
        get(key("k")); // this member has it now

        RangeResponse read = range(RangeRequest.newBuilder().setKey(key("k")).setSerializable(true));

        assertEquals(List.of("1"), values(read.getKvsList()));
    }
}
