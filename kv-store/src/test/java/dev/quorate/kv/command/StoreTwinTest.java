package dev.quorate.kv.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.DeleteRangeResponse;
import dev.quorate.kv.api.PutResponse;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.ResponseHeader;
import dev.quorate.kv.mvcc.KvException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The store answers as its naive twin does, whatever is asked, in whatever batches, over crashes, restores and compactions. */
final class StoreTwinTest {

    @Provide
    Arbitrary<List<Action>> lives() {
        return Actions.lives();
    }

    @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
    void storeAndTwinAnswerAlike(@ForAll("lives") List<Action> life) throws Exception {
        Path directory = Files.createTempDirectory("store-twin");
        try (StoreUnderTest store = new StoreUnderTest(directory, StoreUnderTest.smallOptions())) {
            new Life(new NaiveStore(), store).live(life);
            assertEquals(
                    store.digestOfReplay(directory.resolve("replay")),
                    store.store().digest());
        } finally {
            delete(directory);
        }
    }

    /** One store and its twin. */
    private static final class Life {

        private final NaiveStore twin;
        private final StoreUnderTest store;
        private final List<Object> expected = new ArrayList<>();

        Life(NaiveStore twin, StoreUnderTest store) {
            this.twin = twin;
            this.store = store;
        }

        void live(List<Action> life) throws Exception {
            for (Action action : life) {
                act(action);
            }
            endBatch();
        }

        private void act(Action action) throws Exception {
            if (action instanceof Action.Put put) {
                store.append(Command.Kind.PUT, put.request());
                expect(() -> twin.put(put.request()));
            } else if (action instanceof Action.Delete delete) {
                store.append(Command.Kind.DELETE_RANGE, delete.request());
                expect(() -> twin.delete(delete.request()));
            } else if (action instanceof Action.Txn txn) {
                store.append(Command.Kind.TXN, txn.request());
                expect(() -> twin.txn(txn.request()));
            } else if (action instanceof Action.Compact compact) {
                long revision = twin.revision() - compact.back();
                store.append(
                        Command.Kind.COMPACT,
                        CompactionRequest.newBuilder().setRevision(revision).build());
                expect(() -> {
                    twin.compact(revision);
                    return twin.revision();
                });
            } else {
                endBatch();
                actOnTables(action);
            }
        }

        private void actOnTables(Action action) throws Exception {
            if (action instanceof Action.Range range) {
                RangeRequest request = Actions.isNewest(range.back())
                        ? range.request()
                        : range.request().toBuilder()
                                .setRevision(twin.revision() - range.back())
                                .build();
                Object answer = attempt(() -> twin.range(request));
                if (answer instanceof KvException refused) {
                    assertEquals(
                            refused.error(),
                            assertThrows(KvException.class, () -> store.range(request))
                                    .error());
                } else {
                    assertEquals(answer, store.range(request));
                }
            } else if (action instanceof Action.Flush) {
                store.store().flush();
            } else if (action instanceof Action.Crash) {
                store.crash();
            } else if (action instanceof Action.SnapshotAndRestore) {
                store.snapshotAndRestore();
            } else if (action instanceof Action.AwaitRemoval) {
                store.store().removed(twin.compacted()).get(10, TimeUnit.SECONDS);
            }
        }

        private interface Attempt {
            Object run() throws KvException;
        }

        private static Object attempt(Attempt attempt) {
            try {
                return attempt.run();
            } catch (KvException e) {
                return e;
            }
        }

        private void expect(Attempt attempt) {
            expected.add(attempt(attempt));
        }

        private void endBatch() {
            List<CommandResult> results = store.applyAll();
            assertEquals(expected.size(), results.size());
            for (int i = 0; i < results.size(); i++) {
                CommandResult result = results.get(i);
                if (expected.get(i) instanceof KvException refused) {
                    assertEquals(
                            refused.error(),
                            assertInstanceOf(CommandResult.Refused.class, result)
                                    .error());
                } else {
                    assertEquals(expected.get(i), asResponse(result));
                }
            }
            expected.clear();
            assertEquals(twin.revision(), store.store().state().revision());
            assertEquals(twin.compacted(), store.store().state().compacted());
        }

        private static Object asResponse(CommandResult result) {
            if (result instanceof CommandResult.Put put) {
                PutResponse.Builder response = PutResponse.newBuilder().setHeader(header(put.revision()));
                byte[] previous = put.previous();
                if (previous != null) {
                    response.setPrevKv(StoreUnderTest.keyValue(previous));
                }
                return response.build();
            }
            if (result instanceof CommandResult.Deleted deleted) {
                DeleteRangeResponse.Builder response = DeleteRangeResponse.newBuilder()
                        .setHeader(header(deleted.revision()))
                        .setDeleted(deleted.deleted());
                deleted.previous().forEach(pair -> response.addPrevKvs(StoreUnderTest.keyValue(pair)));
                return response.build();
            }
            if (result instanceof CommandResult.Txn txn) {
                return txn.response();
            }
            if (result instanceof CommandResult.Done done) {
                return done.revision();
            }
            return result;
        }

        private static ResponseHeader header(long revision) {
            return ResponseHeader.newBuilder().setRevision(revision).build();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
