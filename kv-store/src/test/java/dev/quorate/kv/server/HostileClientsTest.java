package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.Event;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.WatchCreateRequest;
import dev.quorate.kv.api.WatchGrpc;
import dev.quorate.kv.api.WatchRequest;
import dev.quorate.kv.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What a client may do to the gRPC side of the port: it gets a clear answer or loses its connection, and nobody else notices. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostileClientsTest {

    private static final String RANGE = "etcdserverpb.KV/Range";
    private static final String WATCH = "etcdserverpb.Watch/Watch";
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final long MEBIBYTE = 1 << 20;

    private final TestCluster cluster;
    private TestClient other;

    HostileClientsTest(@TempDir Path root) throws IOException {
        this.cluster = new TestCluster(root, 1, 100_000);
    }

    @BeforeAll
    void start() throws Exception {
        cluster.startAll().leader();
        other = cluster.client("n1");
        other.put("k", "v");
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    private RawHttp2 connect() throws IOException {
        return new RawHttp2(cluster.server("n1").clientPort());
    }

    private void othersAreServed() {
        assertEquals("v", other.value("k"));
    }

    @Test
    void anApiVersionThatIsNoTextIsRefused() throws Exception {
        try (RawHttp2 connection = connect()) {
            byte[] headers = RawHttp2.withLatin1(RawHttp2.call(RANGE), "client-api-version", "\u00ff");
            connection.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, headers);
            connection.send(RawHttp2.DATA, RawHttp2.END_STREAM, 1, RawHttp2.message());

            RawHttp2.Frame answer = connection.readUntil(RawHttp2.HEADERS);

            assertNotNull(answer);
            String text = new String(answer.payload(), StandardCharsets.ISO_8859_1);
            assertTrue(text.contains("etcdserver: invalid client api version"), text);
        }
    }

    @Test
    void whatIsNoProtobufIsRefusedAndTheConnectionGoesOn() throws Exception {
        Random random = new Random(1);
        try (RawHttp2 connection = connect()) {
            for (int i = 0; i < 200; i++) {
                byte[] garbage = new byte[1 + random.nextInt(100)];
                random.nextBytes(garbage);
                int stream = 1 + 2 * i;
                connection.send(
                        RawHttp2.HEADERS,
                        RawHttp2.END_HEADERS,
                        stream,
                        RawHttp2.call(i % 2 == 0 ? RANGE : "etcdserverpb.KV/Txn"));
                connection.send(RawHttp2.DATA, RawHttp2.END_STREAM, stream, RawHttp2.message(garbage));
                RawHttp2.Frame answer = connection.readUntil(RawHttp2.HEADERS);
                assertNotNull(answer, "request " + i + " ended the connection");
            }
        }
        othersAreServed();
    }

    @Test
    void aMessageBeyondTheLimitIsRefusedAndTheConnectionGoesOn() {
        ByteString tooLarge = ByteString.copyFrom(new byte[3 << 20]);

        StatusRuntimeException refusal = assertThrows(
                StatusRuntimeException.class,
                () -> other.kv()
                        .put(PutRequest.newBuilder()
                                .setKey(ByteString.copyFromUtf8("k"))
                                .setValue(tooLarge)
                                .build()));

        assertEquals(Status.Code.RESOURCE_EXHAUSTED, refusal.getStatus().getCode());
        othersAreServed();
    }

    /** CVE-2023-44487. */
    @Test
    void callsThatAreBegunAndTakenBackWithoutEndLoseTheConnection() throws Exception {
        try (RawHttp2 connection = connect()) {
            byte[] call = RawHttp2.call(RANGE);
            RawHttp2.Frame end = flood(connection, number -> {
                ByteArrayOutputStream both = new ByteArrayOutputStream();
                both.writeBytes(RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1 + 2 * number, call));
                both.writeBytes(RawHttp2.frame(RawHttp2.RST_STREAM, 0, 1 + 2 * number, new byte[] {0, 0, 0, 8}));
                return both.toByteArray();
            });

            assertTrue(end == null || end.errorCode() == ENHANCE_YOUR_CALM, () -> "error " + end);
        }
        othersAreServed();
    }

    /** CVE-2024-27316 and its like. */
    @Test
    void headersWithoutEndLoseTheConnection() throws Exception {
        long before = usedHeapBytes();
        try (RawHttp2 connection = connect()) {
            connection.send(RawHttp2.HEADERS, 0, 1, RawHttp2.call(RANGE));
            byte[] block =
                    new byte[16_000]; // a header of 15,995 bytes, "x: yyy…", of which only the first has a beginning
            flood(connection, number -> RawHttp2.frame(RawHttp2.CONTINUATION, 0, 1, block));
        }
        othersAreServed();
        assertTrue(usedHeapBytes() - before < 16 * MEBIBYTE);
    }

    @Test
    void pingsWithoutEndLoseTheConnection() throws Exception {
        try (RawHttp2 connection = connect()) {
            connection.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.call(WATCH));
            RawHttp2.Frame end = flood(connection, number -> RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]));

            assertTrue(end == null || end.errorCode() == ENHANCE_YOUR_CALM, () -> "error " + end);
        }
        othersAreServed();
    }

    private interface Wave {
        byte[] number(int number);
    }

    /** Sends until the server ends the connection; its last word if it said one. */
    private static RawHttp2.@org.jspecify.annotations.Nullable Frame flood(RawHttp2 connection, Wave wave)
            throws IOException {
        Thread sender = new Thread(
                () -> {
                    try {
                        for (int i = 0; i < 200_000; i++) {
                            connection.send(wave.number(i));
                        }
                    } catch (IOException e) {
                        // The server has had enough, which is what the test waits for.
                    }
                },
                "flood");
        sender.start();
        RawHttp2.Frame end = connection.readUntil(RawHttp2.GO_AWAY);
        if (end != null) { // after its last word it closes
            assertEquals(null, connection.readUntil(-1));
        }
        try {
            sender.join(TimeUnit.SECONDS.toMillis(20));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        assertTrue(!sender.isAlive());
        return end;
    }

    @Test
    void moreOpenCallsThanTheLimitAreRefusedOneByOne() throws Exception {
        long before = usedHeapBytes();
        try (RawHttp2 connection = connect()) {
            byte[] call = RawHttp2.call(WATCH);
            for (int i = 0; i < 10_100; i++) {
                connection.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1 + 2 * i, call);
            }

            RawHttp2.Frame refused = connection.readUntil(RawHttp2.RST_STREAM);

            assertNotNull(refused);
            assertTrue(refused.stream() > 20_000, "the first that is beyond 10,000, not " + refused.stream());
            othersAreServed();
            assertTrue(usedHeapBytes() - before < 200 * MEBIBYTE, "20 KB for each call, at the most");
        }
        othersAreServed();
    }

    /** Watches everything, and reads only when asked to. */
    private static final class SlowWatcher extends ClientCall.Listener<WatchResponse> {
        final BlockingQueue<WatchResponse> heard = new LinkedBlockingQueue<>();

        @Override
        public void onMessage(WatchResponse message) {
            heard.add(message);
        }
    }

    @Test
    void aWatcherThatDoesNotReadHoldsNobodyUpTakesNoMemoryAndMissesNothing() throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1", cluster.server("n1").clientPort())
                .usePlaintext()
                .build();
        try {
            ClientCall<WatchRequest, WatchResponse> slow =
                    channel.newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
            SlowWatcher watcher = new SlowWatcher();
            slow.start(watcher, new Metadata());
            slow.request(1);
            slow.sendMessage(WatchRequest.newBuilder()
                    .setCreateRequest(WatchCreateRequest.newBuilder()
                            .setKey(ByteString.copyFrom(new byte[1]))
                            .setRangeEnd(ByteString.copyFrom(new byte[1])))
                    .build());
            WatchResponse created = watcher.heard.poll(20, TimeUnit.SECONDS);
            assertTrue(Objects.requireNonNull(created).getCreated());
            long first = created.getHeader().getRevision() + 1;
            long before = usedHeapBytes();

            int puts = 600;
            ByteString value = ByteString.copyFrom(new byte[200_000]);
            for (int i = 0; i < puts; i++) {
                other.kv()
                        .put(PutRequest.newBuilder()
                                .setKey(ByteString.copyFromUtf8("large" + i % 10))
                                .setValue(value)
                                .build());
            }

            // 120 MB were written; 16 MiB on their way, 8 MiB of newest changes and what a connection holds may be in
            // memory.
            assertTrue(usedHeapBytes() - before < 60 * MEBIBYTE, () -> "used " + (usedHeapBytes() - before));
            List<Long> revisions = new ArrayList<>();
            while (revisions.size() < puts) {
                slow.request(1);
                WatchResponse response = watcher.heard.poll(20, TimeUnit.SECONDS);
                assertNotNull(response, "after " + revisions.size() + " events");
                for (Event event : response.getEventsList()) {
                    revisions.add(event.getKv().getModRevision());
                }
            }
            for (int i = 0; i < puts; i++) {
                assertEquals(first + i, revisions.get(i));
            }
        } finally {
            channel.shutdownNow();
        }
        othersAreServed();
    }

    private static long usedHeapBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
