package dev.quorate.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.Event;
import dev.quorate.kv.api.KeyValue;
import dev.quorate.kv.api.LeaseGrantRequest;
import dev.quorate.kv.api.LeaseGrpc;
import dev.quorate.kv.api.LeaseRevokeRequest;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.api.WatchCreateRequest;
import dev.quorate.kv.api.WatchCreateRequest.FilterType;
import dev.quorate.kv.api.WatchGrpc;
import dev.quorate.kv.api.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Watch. */
@ConformanceChecks
final class WatchChecksTest extends Checks {

    private static final ByteString OPEN = ByteString.copyFrom(new byte[1]);

    WatchChecksTest(Server server) {
        super(server);
    }

    private Watching watch(int node) {
        return new Watching(cluster().stub(node, WatchGrpc::newStub));
    }

    private WatchCreateRequest.Builder of(String name) {
        return WatchCreateRequest.newBuilder().setKey(key(name));
    }

    private WatchCreateRequest.Builder allOf(String name) {
        return of(name).setRangeEnd(end(key(name)));
    }

    private static List<String> texts(List<Event> events) {
        return events.stream()
                .map(event -> event.getType() + " " + event.getKv().getValue().toStringUtf8())
                .toList();
    }

    private long putRevision(String name, String value) {
        return put(key(name), value).getHeader().getRevision();
    }

    @Test
    void theAnswerToTheCreationComesFirstAndTellsTheRevision() {
        long now = putRevision("other", "1");
        try (Watching watching = watch(0)) {
            watching.create(of("k"));

            WatchResponse created = watching.next();

            assertTrue(created.getCreated());
            assertFalse(created.getCanceled());
            assertEquals(now, created.getHeader().getRevision());
            assertEquals(0, created.getEventsCount());
        }
    }

    @Test
    void putsAndDeletionsAreToldAsTheyHappenAtAnyMember() {
        for (int node = 0; node < Cluster.NODES; node++) {
            String member = "" + node; // a key of its own: one that is behind may begin with what is older
            try (Watching watching = watch(node)) {
                watching.created(of("k" + member));
                long put = putRevision("k" + member, "v" + member);
                delete(key("k" + member));

                List<Event> events = watching.events(2);

                assertEquals(List.of("PUT v" + member, "DELETE "), texts(events));
                assertEquals(put, events.get(0).getKv().getModRevision());
                assertEquals(
                        KeyValue.newBuilder()
                                .setKey(key("k" + member))
                                .setModRevision(put + 1)
                                .build(),
                        events.get(1).getKv());
            }
        }
    }

    @Test
    void historyIsReplayedAndGoesOverIntoWhatHappensWithoutAGap() {
        long first = putRevision("h", "0");
        List<String> expected = new ArrayList<>(List.of("PUT 0"));
        for (int i = 1; i < 20; i++) {
            put(key("h"), "" + i);
            expected.add("PUT " + i);
        }
        try (Watching watching = watch(1)) {
            watching.created(of("h").setStartRevision(first));
            for (int i = 20; i < 40; i++) {
                put(key("h"), "" + i);
                expected.add("PUT " + i);
            }

            assertEquals(expected, texts(watching.events(40)));
        }
    }

    @Test
    void aWatchThatBeginsInTheFutureIsSilentBefore() {
        long now = putRevision("f", "0");
        try (Watching watching = watch(0)) {
            watching.created(of("f").setStartRevision(now + 2));
            put(key("f"), "1");
            put(key("f"), "2");

            assertEquals(List.of("PUT 2"), texts(watching.events(1)));
        }
    }

    @Test
    void aRangeAnOpenEndAndAllKeysAreWatched() {
        try (Watching watching = watch(0)) {
            long range = watching.created(allOf("r"));
            long from = watching.created(of("r").setRangeEnd(OPEN));
            long all = watching.created(WatchCreateRequest.newBuilder().setRangeEnd(OPEN));

            put(key("r1"), "1");
            put(key("z"), "2");

            List<String> heard = new ArrayList<>();
            while (heard.size() < 5) {
                WatchResponse response = watching.next();
                response.getEventsList()
                        .forEach(event -> heard.add(response.getWatchId() + ":"
                                + event.getKv().getValue().toStringUtf8()));
            }
            assertEquals(
                    List.of(all + ":1", all + ":2", from + ":1", from + ":2", range + ":1").stream()
                            .sorted()
                            .toList(),
                    heard.stream().sorted().toList());
        }
    }

    @Test
    void anEmptyRangeIsRefusedAndTheStreamGoesOn() {
        try (Watching watching = watch(0)) {
            watching.create(of("b").setRangeEnd(key("a")));
            WatchResponse refused = watching.next();
            assertTrue(refused.getCreated() && refused.getCanceled());
            assertEquals(-1, refused.getWatchId());
            assertEquals("mvcc: watcher range is empty", refused.getCancelReason());

            watching.created(of("b"));
            put(key("b"), "1");
            assertEquals(List.of("PUT 1"), texts(watching.events(1)));
        }
    }

    @Test
    void idsAreChosenByTheClientOrByTheServerAndAreUnique() {
        try (Watching watching = watch(0)) {
            assertEquals(7, watching.created(of("k").setWatchId(7)));
            assertEquals(0, watching.created(of("k")));
            assertEquals(1, watching.created(of("k")));
            watching.create(of("k").setWatchId(7));
            WatchResponse refused = watching.next();
            assertTrue(refused.getCreated() && refused.getCanceled());
            assertEquals("mvcc: duplicate watch ID provided on the WatchStream", refused.getCancelReason());
            assertEquals(-1, refused.getWatchId());
        }
    }

    @Test
    void aCanceledWatcherIsSilentAndTheOthersAreNot() {
        try (Watching watching = watch(0)) {
            long ended = watching.created(of("k"));
            long other = watching.created(of("k"));
            watching.cancel(ended + 1_000); // nobody: silence
            watching.cancel(ended);
            WatchResponse canceled = watching.next();
            assertTrue(canceled.getCanceled());
            assertEquals(ended, canceled.getWatchId());

            put(key("k"), "1");

            WatchResponse heard = watching.next();
            assertEquals(other, heard.getWatchId());
            assertEquals(List.of("PUT 1"), texts(heard.getEventsList()));
        }
    }

    @Test
    void filtersLeaveOutPutsOrDeletions() {
        try (Watching watching = watch(0)) {
            long deletions = watching.created(of("k").addFilters(FilterType.NOPUT));
            long puts = watching.created(of("k").addFilters(FilterType.NODELETE));
            put(key("k"), "1");
            delete(key("k"));

            List<String> heard = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                WatchResponse response = watching.next();
                heard.add(response.getWatchId() + " " + texts(response.getEventsList()));
            }
            heard.sort(null);
            assertEquals(List.of(deletions + " [DELETE ]", puts + " [PUT 1]"), heard);
        }
    }

    @Test
    void thePairBeforeIsToldOnDemand() {
        try (Watching watching = watch(0)) {
            watching.created(of("p").setPrevKv(true));
            put(key("p"), "1");
            put(key("p"), "2");
            delete(key("p"));

            List<Event> events = watching.events(3);

            assertFalse(events.get(0).hasPrevKv());
            assertEquals("1", events.get(1).getPrevKv().getValue().toStringUtf8());
            assertEquals("2", events.get(2).getPrevKv().getValue().toStringUtf8());
        }
    }

    @Test
    void allEventsOfARevisionComeInOneResponse() {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int i = 0; i < 100; i++) {
            txn.addSuccess(RequestOp.newBuilder()
                    .setRequestPut(PutRequest.newBuilder().setKey(key("t" + i)).setValue(bytes("" + i))));
        }
        try (Watching watching = watch(2)) {
            watching.created(allOf("t"));
            cluster().kv().txn(txn.build());
            cluster()
                    .kv()
                    .deleteRange(DeleteRangeRequest.newBuilder()
                            .setKey(key("t"))
                            .setRangeEnd(end(key("t")))
                            .build());

            // A member that applies both at once may tell of both in one response, but never of a part of one.
            List<Long> revisions = new ArrayList<>();
            int events = 0;
            while (events < 200) {
                WatchResponse response = watching.next();
                response.getEventsList().stream()
                        .collect(Collectors.groupingBy(
                                event -> event.getKv().getModRevision(), TreeMap::new, Collectors.counting()))
                        .forEach((revision, count) -> {
                            assertEquals(100, count, "events of revision " + revision + " in one response");
                            revisions.add(revision);
                        });
                assertTrue(response.getEventsCount() > 0, response::toString);
                events += response.getEventsCount();
            }
            assertEquals(List.of(revisions.get(0), revisions.get(0) + 1), revisions);
        }
    }

    @Test
    void aLargeRevisionComesInFragmentsOnDemand() {
        ByteString value = ByteString.copyFrom(new byte[40_000]);
        List<Long> revisions = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            TxnRequest.Builder txn = TxnRequest.newBuilder();
            for (int k = 0; k < 30; k++) {
                txn.addSuccess(RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder()
                                .setKey(key("g" + i + "/" + k))
                                .setValue(value)));
            }
            revisions.add(cluster().kv().txn(txn.build()).getHeader().getRevision());
        }
        try (Watching watching = watch(0)) {
            watching.created(allOf("g").setStartRevision(revisions.get(0)).setFragment(true));

            List<Event> events = new ArrayList<>();
            while (events.size() < 90) {
                WatchResponse response = watching.next();
                assertTrue(response.getSerializedSize() < 3 << 20, "a message of " + response.getSerializedSize());
                events.addAll(response.getEventsList());
            }
            assertEquals(90, events.size());
            assertEquals(
                    events.stream()
                            .map(event -> event.getKv().getModRevision())
                            .sorted()
                            .toList(),
                    events.stream().map(event -> event.getKv().getModRevision()).toList());
        }
    }

    @Test
    void aWatchBeforeTheCompactedRevisionIsCanceledAndTheStreamGoesOn() {
        long first = putRevision("c", "1");
        long second = putRevision("c", "2");
        cluster()
                .kv()
                .compact(CompactionRequest.newBuilder()
                        .setRevision(second)
                        .setPhysical(true)
                        .build());
        try (Watching watching = watch(0)) {
            long late = watching.created(of("c").setStartRevision(first));
            WatchResponse canceled = watching.next();
            assertTrue(canceled.getCanceled());
            assertEquals(late, canceled.getWatchId());
            assertEquals(second, canceled.getCompactRevision());
            assertEquals(0, canceled.getEventsCount());

            watching.created(of("c").setStartRevision(second));
            assertEquals(List.of("PUT 2"), texts(watching.events(1)));
        }
    }

    @Test
    void progressIsToldOnDemandWhenEverythingBeforeItWasSent() {
        try (Watching watching = watch(0)) {
            watching.created(of("q"));
            long now = putRevision("q", "1");
            assertEquals(1, watching.events(1).size());
            watching.askForProgress();

            WatchResponse progress = watching.next();

            assertEquals(-1, progress.getWatchId());
            assertEquals(0, progress.getEventsCount());
            assertTrue(progress.getHeader().getRevision() >= now, () -> progress + " is before " + now);
        }
    }

    @Test
    void theEndOfALeaseIsADeletionOfAllItsKeysInOneRevision() {
        long lease = cluster()
                .stub(0, LeaseGrpc::newBlockingStub)
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build())
                .getID();
        long last = 0;
        for (String name : List.of("l1", "l2")) {
            last = cluster()
                    .kv()
                    .put(PutRequest.newBuilder()
                            .setKey(key(name))
                            .setLease(lease)
                            .build())
                    .getHeader()
                    .getRevision();
        }
        try (Watching watching = watch(1)) {
            watching.created(allOf("l").setStartRevision(last + 1));
            cluster()
                    .stub(0, LeaseGrpc::newBlockingStub)
                    .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build());

            WatchResponse heard = watching.next();

            assertEquals(List.of("DELETE ", "DELETE "), texts(heard.getEventsList()));
        }
    }

    @Test
    @Since("3.6")
    void aNegativeRevisionIsNoPlaceToBegin() {
        try (Watching watching = watch(0)) {
            watching.create(of("k").setStartRevision(-1));

            WatchResponse refused = watching.next();

            assertTrue(refused.getCanceled());
            assertTrue(refused.getCompactRevision() > 0);
        }
    }

    @Test
    @Since("3.6")
    void aHalfClosedStreamEnds() {
        try (Watching watching = watch(0)) {
            watching.created(of("k"));
            watching.halfClose();

            assertEquals("the stream has ended", watching.nextThing());
        }
    }
}
