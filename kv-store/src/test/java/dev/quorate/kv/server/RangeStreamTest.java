package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeResponse;
import dev.quorate.kv.api.RangeStreamResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A range in parts is the range as a whole. */
final class RangeStreamTest {

    private static final ByteString EVERYTHING = ByteString.copyFrom(new byte[1]);
    private static final int KEYS = 400;
    private static final ByteString VALUE = ByteString.copyFrom(new byte[10_000]);

    @TempDir
    private Path root;

    private TestCluster cluster;
    private TestClient client;

    @BeforeEach
    void fourMegabytesWithHistory() throws Exception {
        cluster = new TestCluster(root, 1, 1_000_000).startAll();
        cluster.leader();
        client = cluster.client("n1");
        for (int i = 0; i < KEYS; i++) {
            put(i, VALUE);
        }
        put(7, ByteString.copyFromUtf8("new"));
        client.kv().deleteRange(DeleteRangeRequest.newBuilder().setKey(key(9)).build());
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private void put(int number, ByteString value) {
        client.kv()
                .put(PutRequest.newBuilder().setKey(key(number)).setValue(value).build());
    }

    private static ByteString key(int number) {
        return ByteString.copyFromUtf8(String.format(Locale.ROOT, "k%05d", number));
    }

    private static RangeRequest.Builder all() {
        return RangeRequest.newBuilder().setKey(EVERYTHING).setRangeEnd(EVERYTHING);
    }

    private List<RangeResponse> parts(RangeRequest request) {
        List<RangeResponse> parts = new ArrayList<>();
        client.kv().rangeStream(request).forEachRemaining(part -> parts.add(part.getRangeResponse()));
        return parts;
    }

    private void assertSame(RangeRequest.Builder asked, int leastParts) {
        RangeRequest request = asked.build();
        List<RangeResponse> parts = parts(request);
        RangeResponse.Builder merged = RangeResponse.newBuilder();
        for (RangeResponse part : parts.subList(0, parts.size() - 1)) {
            assertFalse(part.hasHeader());
            assertEquals(0, part.getCount());
        }
        parts.forEach(merged::mergeFrom);
        assertEquals(client.kv().range(request), merged.build());
        assertTrue(parts.size() >= leastParts, parts.size() + " parts");
    }

    @Test
    void thePartsMergedAreTheAnswerOfARange() {
        long before = client.kv().range(all().build()).getHeader().getRevision() - 2;
        assertSame(all(), 4);
        assertSame(all().setRevision(before), 4);
        assertSame(all().setLimit(150), 2);
        assertSame(all().setLimit(KEYS), 4);
        assertSame(all().setCountOnly(true), 1);
        assertSame(all().setKeysOnly(true), 1);
        assertSame(all().setSerializable(true), 4);
        assertSame(RangeRequest.newBuilder().setKey(key(7)), 1);
        assertSame(RangeRequest.newBuilder().setKey(key(9)), 1);
        assertSame(RangeRequest.newBuilder().setKey(key(100)).setRangeEnd(key(101)), 1);
    }

    @Test
    void aPartIsReadWhenTheOneBeforeHasLeftAndAllAreOfOneRevision() {
        Iterator<RangeStreamResponse> parts = client.kv().rangeStream(all().build());
        parts.next();
        put(KEYS - 1, ByteString.copyFromUtf8("later"));
        RangeResponse last = RangeResponse.getDefaultInstance();
        while (parts.hasNext()) {
            last = parts.next().getRangeResponse();
        }

        assertEquals(VALUE, last.getKvs(last.getKvsCount() - 1).getValue());
        assertEquals(KEYS - 1, last.getCount());
    }

    @Test
    void whatCannotBeStreamedIsRefused() {
        assertRefused(Status.Code.UNIMPLEMENTED, all().setSortOrder(RangeRequest.SortOrder.DESCEND));
        assertRefused(Status.Code.UNIMPLEMENTED, all().setSortTarget(RangeRequest.SortTarget.MOD));
        assertRefused(Status.Code.UNIMPLEMENTED, all().setMinModRevision(3));
        assertRefused(Status.Code.OUT_OF_RANGE, all().setRevision(1_000_000));
        assertRefused(Status.Code.INVALID_ARGUMENT, RangeRequest.newBuilder());
        client.kv().compact(CompactionRequest.newBuilder().setRevision(300).build());
        assertRefused(Status.Code.OUT_OF_RANGE, all().setRevision(200));
    }

    private void assertRefused(Status.Code code, RangeRequest.Builder request) {
        StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, () -> parts(request.build()));
        assertEquals(code, refused.getStatus().getCode(), refused.getMessage());
    }
}
