package dev.quorate.kv.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.mvcc.StorageException;
import dev.quorate.kv.server.SmallDisk;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store whose disk is full while its log, on another disk perhaps, still has room. */
@Timeout(60)
final class FullDiskTest {

    private static final ByteString VALUE = ByteString.copyFrom(new byte[50_000]);

    @TempDir
    private Path directory;

    @TempDir
    private Path elsewhere;

    private static PutRequest put(int number) {
        return PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("k" + number))
                .setValue(VALUE)
                .build();
    }

    @Test
    void aStoreThatCannotWriteSaysThatTheDiskIsFullAndGetsTheRestFromTheLogLater() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(directory, 32);
                StoreUnderTest store = new StoreUnderTest(disk.path(), StoreUnderTest.smallOptions())) {
            for (int i = 0; i < 50; i++) {
                store.apply(Command.Kind.PUT, put(i));
            }
            disk.fill();

            StorageException failure = assertThrows(StorageException.class, () -> {
                for (int i = 50; i < 1_000; i++) {
                    store.apply(Command.Kind.PUT, put(i));
                }
            });
            assertTrue(String.valueOf(failure.getMessage()).contains("disk is full"), failure::toString);

            disk.empty();
            store.crash();
            assertEquals(
                    store.digestOfReplay(elsewhere.resolve("replay")),
                    store.store().digest());
        }
    }

    @Test
    void aSnapshotThatDoesNotFitFailsAndSaysThatTheDiskIsFull() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(directory, 32);
                StoreUnderTest store = new StoreUnderTest(disk.path(), StoreUnderTest.smallOptions())) {
            store.apply(Command.Kind.PUT, put(1));
            disk.fill();

            Exception failure = assertThrows(Exception.class, store::snapshotAndRestore);
            assertTrue(String.valueOf(failure.getMessage()).contains("disk is full"), failure::toString);

            disk.empty();
            store.crash();
            assertEquals(
                    store.digestOfReplay(elsewhere.resolve("replay")),
                    store.store().digest());
        }
    }
}
