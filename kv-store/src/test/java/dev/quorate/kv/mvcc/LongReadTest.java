package dev.quorate.kv.mvcc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever reads everything holds nobody up. */
final class LongReadTest {

    @Test
    void whoeverIsInsideSeesThatSomebodyWantsToShutTheGate() throws Exception {
        Gate gate = new Gate();
        CountDownLatch isShut = new CountDownLatch(1);
        gate.enter();
        assertFalse(gate.isWanted());
        Thread closer = new Thread(() -> {
            gate.shut();
            isShut.countDown();
        });
        closer.start();
        while (!gate.isWanted()) {
            Thread.onSpinWait();
        }
        assertEquals(1, isShut.getCount());

        gate.leave();

        assertTrue(isShut.await(20, TimeUnit.SECONDS));
        closer.join();
    }

    @Test
    void aHashIsGivenUpBeforeItsEndAndNotBegunAgain(@TempDir Path root) throws Exception {
        try (MvccStore store = MvccStore.open(root.resolve("store"), StoreOptions.defaults())) {
            Writer writer = store.writer();
            writer.begin();
            TxnRequest.Builder txn = TxnRequest.newBuilder();
            for (String key : new String[] {"a", "b", "c"}) {
                txn.addSuccess(RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key))));
            }
            writer.txn(txn.build(), false);
            writer.end();
            int[] asked = {0};
            try (SnapshotView view = SnapshotView.open(store.engine())) {
                assertThrows(StoreClosedException.class, () -> KvHash.of(view, 0, () -> ++asked[0] == 2));
                assertEquals(2, asked[0]);
                assertEquals(store.hash(0), KvHash.of(view, 0, () -> false));
            }
        }
    }
}
