package dev.quorate.kv.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.KeyValue;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.command.Command;
import dev.quorate.kv.command.KvStateMachine;
import dev.quorate.kv.mvcc.KeyChange;
import dev.quorate.kv.mvcc.KeyRange;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.StoreOptions;
import dev.quorate.raft.model.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens in between, a watcher is shown each change of its keys once, in order, whole revisions together. */
final class WatchHubTest {

    private static final List<String> KEYS = List.of("a", "a/1", "a/2", "b", "b/1", "c");
    private static final String END = "d";
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    /** So small that changes do not fit, are not kept, and come in many parts. */
    private static final WatchLimits TINY = new WatchLimits(600, 4, 1_000, 300, 5, 1_000);

    @TempDir
    Path directory;

    private MvccStore store;
    private KvStateMachine machine;
    private WatchHub hub;
    private final TreeMap<String, String> present = new TreeMap<>();
    private final List<Change> history = new ArrayList<>();
    private long index;
    private int snapshots;

    /** What a watcher should be shown, or was. */
    private record Change(
            long revision, String key, @Nullable String value) {}

    @BeforeEach
    void open() throws IOException {
        store = MvccStore.open(directory.resolve("store"), new StoreOptions(64 << 10, 256 << 10, 2));
        machine = new KvStateMachine(store, 1);
        hub = WatchHub.start(store, TINY);
    }

    @AfterEach
    void close() {
        machine.close();
        hub.close();
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private void apply(Command.Kind kind, MessageLite request) {
        machine.apply(List.of(Entry.command(++index, 1, Command.of(kind, 1, request.toByteArray()))));
    }

    private static PutRequest putOf(String key, String value) {
        return PutRequest.newBuilder().setKey(utf8(key)).setValue(utf8(value)).build();
    }

    private void put(String key, String value) {
        apply(Command.Kind.PUT, putOf(key, value));
        wrote(key, value);
    }

    private void wrote(String key, String value) {
        present.put(key, value);
        history.add(new Change(store.state().revision(), key, value));
    }

    private void delete(String from, String to) {
        apply(
                Command.Kind.DELETE_RANGE,
                DeleteRangeRequest.newBuilder()
                        .setKey(utf8(from))
                        .setRangeEnd(utf8(to))
                        .build());
        List.copyOf(present.subMap(from, to).keySet()).forEach(key -> {
            present.remove(key);
            history.add(new Change(store.state().revision(), key, null));
        });
    }

    private void putAll(String value) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        KEYS.forEach(key -> txn.addSuccess(RequestOp.newBuilder().setRequestPut(putOf(key, value))));
        apply(Command.Kind.TXN, txn.build());
        KEYS.forEach(key -> wrote(key, value));
    }

    private void compact(long revision) {
        apply(
                Command.Kind.COMPACT,
                CompactionRequest.newBuilder().setRevision(revision).build());
    }

    private void snapshotAndRestore() throws IOException {
        Path snapshot = Files.createDirectories(directory.resolve("snapshot-" + ++snapshots));
        machine.snapshot(snapshot);
        machine.restore(snapshot, index);
    }

    private static void await(Supplier<String> what, BooleanSupplier condition) {
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                fail("waited in vain for " + what.get());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /** A watcher whose client is slow now and then. */
    private final class Client implements WatchSink {
        private final String from;
        private final String to;
        private final long start;
        private final List<Change> shown = Collections.synchronizedList(new ArrayList<>());
        private final List<String> torn = Collections.synchronizedList(new ArrayList<>());
        private volatile boolean isReady = true;
        private volatile long compactRevision;
        private volatile @Nullable WatchGroup group;

        Client(String from, String to, long start) {
            this.from = from;
            this.to = to;
            this.start = start;
            hub.execute(() -> {
                WatchGroup opened = hub.open(this);
                group = opened;
                Watcher watcher = opened.add(1, KeyRange.of(utf8(from), utf8(to)), EventFilter.ALL, start);
                if (watcher != null) {
                    opened.begin(watcher);
                }
            });
        }

        void setReady(boolean value) {
            isReady = value;
            WatchGroup opened = group;
            if (value && opened != null) {
                opened.ready();
            }
        }

        @Override
        public boolean isReady() {
            return isReady;
        }

        @Override
        public void changes(Watcher watcher, List<KeyChange> changes, long revision) {
            long last = shown.isEmpty() ? 0 : shown.get(shown.size() - 1).revision();
            if (changes.isEmpty() || changes.get(0).revision() <= last) {
                torn.add("after " + last + ": " + changes);
            }
            changes.forEach(change -> shown.add(change(change)));
        }

        @Override
        public void compacted(Watcher watcher, long atLeast) {
            compactRevision = atLeast;
        }

        @Override
        public void progress(long revision) {}

        @Override
        public void ended(@Nullable Throwable failure) {}

        List<Change> expected() {
            return history.stream()
                    .filter(change -> change.revision() >= start
                            && change.key().compareTo(from) >= 0
                            && change.key().compareTo(to) < 0)
                    .toList();
        }

        void check() {
            List<Change> expected = expected();
            if (compactRevision == 0) {
                await(
                        () -> "everything that " + this + " asked for: it has " + shown + " of " + expected,
                        () -> shown.size() >= expected.size() || compactRevision != 0);
            }
            List<Change> seen = List.copyOf(shown);
            assertEquals(List.of(), torn, "revisions that came in parts, or again");
            assertEquals(expected.subList(0, Math.min(seen.size(), expected.size())), seen);
            if (compactRevision == 0) {
                assertEquals(expected.size(), seen.size());
            } else {
                long last =
                        seen.isEmpty() ? start - 1 : seen.get(seen.size() - 1).revision();
                assertTrue(last < compactRevision, "canceled at " + compactRevision + ", although it had " + last);
            }
        }

        @Override
        public String toString() {
            return "[" + from + ", " + to + ") from " + start;
        }
    }

    private static Change change(KeyChange change) {
        try {
            var pair = KeyValue.parseFrom(change.pair());
            return new Change(
                    change.revision(),
                    pair.getKey().toStringUtf8(),
                    change.isDelete() ? null : pair.getValue().toStringUtf8());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void everyWatcherIsShownEveryChangeOfItsKeysOnce(long seed) throws IOException {
        Random random = new Random(seed);
        List<Client> clients = new ArrayList<>();
        for (int step = 0; step < 400; step++) {
            switch (random.nextInt(20)) {
                case 0, 1 -> clients.add(client(random));
                case 2 -> delete(KEYS.get(random.nextInt(KEYS.size())), END);
                case 3 -> putAll("all " + step);
                case 4, 5, 6 -> {
                    if (!clients.isEmpty()) {
                        Client client = clients.get(random.nextInt(clients.size()));
                        client.setReady(!client.isReady);
                    }
                }
                case 7 -> {
                    long now = store.state().revision();
                    long compacted = Math.max(1, store.state().compacted());
                    if (random.nextInt(3) == 0 && now > compacted) {
                        compact(compacted + 1 + random.nextLong(now - compacted));
                    }
                }
                case 8 -> {
                    if (random.nextInt(8) == 0) {
                        snapshotAndRestore();
                    }
                }
                default -> put(KEYS.get(random.nextInt(KEYS.size())), "v" + step);
            }
        }
        clients.forEach(client -> client.setReady(true));

        clients.forEach(Client::check);
    }

    private Client client(Random random) {
        long now = store.state().revision();
        long first = Math.max(1, store.state().compacted());
        long start = first + random.nextLong(now - first + 3); // also in the future
        String from = KEYS.get(random.nextInt(KEYS.size()));
        return new Client(from, random.nextBoolean() ? END : from + "0", start);
    }

    @Test
    void aWatcherThatBeginsBeforeWhatIsCompactedIsToldWhereItCanBegin() {
        put("a", "1");
        put("a", "2");
        put("a", "3");
        compact(4);

        Client client = new Client("a", END, 2);

        await(() -> "the end of the watch", () -> client.compactRevision == 4);
        assertEquals(List.of(), client.shown);
    }

    @Test
    void theEndOfAKeyIsWaitedForWithinTheServer() throws Exception {
        put("a", "1");
        CompletableFuture<Long> deleted =
                hub.whenDeleted(utf8("a"), store.state().revision() + 1);
        put("a", "2");
        delete("a", "a0");

        assertEquals(4, deleted.get(DEADLINE.toSeconds(), TimeUnit.SECONDS));
    }

    /** Also one whose wish has not been looked at yet. */
    @RepeatedTest(20)
    void whoWaitsIsToldWhenWatchesEnd() throws Exception {
        CompletableFuture<Long> deleted = hub.whenDeleted(utf8("a"), 2);
        hub.close();

        ExecutionException ended =
                assertThrows(ExecutionException.class, () -> deleted.get(DEADLINE.toSeconds(), TimeUnit.SECONDS));
        assertTrue(ended.getCause() instanceof WatchEndedException, () -> "" + ended.getCause());
    }
}
