package dev.quorate.kv.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.KeyValue;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeResponse;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every revision writes every key with the revision's number, or deletes them all. So whatever a reader sees at whatever
 * revision, he can tell whether it is right; while versions are compacted away below him, and the tables are exchanged.
 */
final class ReadersBesideWriterTest {

    private static final int KEYS = 8;
    private static final int REVISIONS = 3_000;
    private static final int DELETED_EVERY = 7;
    private static final ByteString FIRST = key(0);
    private static final ByteString END = ByteString.copyFromUtf8("l");

    private final AtomicBoolean isDone = new AtomicBoolean();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicLong reads = new AtomicLong();

    @TempDir
    private Path root;

    private static ByteString key(int i) {
        return ByteString.copyFromUtf8("k" + i);
    }

    @Test
    void whatIsReadIsTheStateAtTheRevisionInTheHeader() throws Exception {
        try (StoreUnderTest store = new StoreUnderTest(root, StoreUnderTest.smallOptions())) {
            MvccStore readable = store.store();
            List<Thread> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Thread reader = new Thread(() -> readUntilDone(readable), "reader-" + i);
                readers.add(reader);
                reader.start();
            }
            try {
                write(store);
            } finally {
                isDone.set(true);
                for (Thread reader : readers) {
                    reader.join();
                }
            }
        }
        assertNull(failure.get());
        assertTrue(reads.get() > 0);
    }

    private void write(StoreUnderTest store) throws Exception {
        for (long revision = 2; revision <= REVISIONS && failure.get() == null; revision++) {
            store.append(Command.Kind.TXN, writesOf(revision));
            if (revision % 5 == 0) {
                store.append(
                        Command.Kind.COMPACT,
                        CompactionRequest.newBuilder().setRevision(revision - 2).build());
            }
            if (revision % 3 != 0) {
                store.applyAll();
            }
            if (revision % 1_000 == 0) {
                store.applyAll();
                store.snapshotAndRestore();
            }
        }
    }

    private static TxnRequest writesOf(long revision) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        if (revision % DELETED_EVERY == 0) {
            return txn.addSuccess(RequestOp.newBuilder()
                            .setRequestDeleteRange(DeleteRangeRequest.newBuilder()
                                    .setKey(FIRST)
                                    .setRangeEnd(END)))
                    .build();
        }
        for (int i = 0; i < KEYS; i++) {
            txn.addSuccess(RequestOp.newBuilder()
                    .setRequestPut(PutRequest.newBuilder().setKey(key(i)).setValue(valueAt(revision))));
        }
        return txn.build();
    }

    private static ByteString valueAt(long revision) {
        return ByteString.copyFromUtf8(Long.toString(revision));
    }

    private void readUntilDone(MvccStore store) {
        try {
            for (int i = 0; !isDone.get(); i++) {
                checkNewest(store, RangeRequest.newBuilder().setKey(key(i % KEYS)), 1);
                long revision = checkNewest(
                        store, RangeRequest.newBuilder().setKey(FIRST).setRangeEnd(END), KEYS);
                checkOld(store, revision - i % 4);
                reads.incrementAndGet();
            }
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
        }
    }

    private static long checkNewest(MvccStore store, RangeRequest.Builder request, int keys) throws KvException {
        RangeResponse response = StoreUnderTest.response(store.range(request.build()));
        long revision = response.getHeader().getRevision();
        check(response, revision, keys);
        return revision;
    }

    private static void checkOld(MvccStore store, long revision) throws KvException {
        if (revision < 2) {
            return;
        }
        RangeRequest request = RangeRequest.newBuilder()
                .setKey(FIRST)
                .setRangeEnd(END)
                .setRevision(revision)
                .build();
        try {
            check(StoreUnderTest.response(store.range(request)), revision, KEYS);
        } catch (KvException e) {
            assertEquals(KvError.COMPACTED, e.error());
        }
    }

    private static void check(RangeResponse response, long revision, int keys) {
        boolean isEmpty = revision < 2 || revision % DELETED_EVERY == 0;
        assertEquals(isEmpty ? 0 : keys, response.getCount(), "keys at revision " + revision);
        for (KeyValue kv : response.getKvsList()) {
            assertEquals(revision, kv.getModRevision());
            assertEquals(valueAt(revision), kv.getValue());
        }
    }
}
