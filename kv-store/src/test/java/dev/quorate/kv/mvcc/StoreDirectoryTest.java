package dev.quorate.kv.mvcc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A crash in the middle of a restore leaves the old files or the new ones. */
final class StoreDirectoryTest {

    @TempDir
    private Path root;

    private Path store = Path.of("");
    private Path snapshot = Path.of("");

    @BeforeEach
    void makeBoth() throws IOException {
        store = Files.createDirectories(root.resolve("store"));
        snapshot = root.resolve("snapshot");
        Files.writeString(store.resolve("CURRENT"), "old");
        Files.createDirectories(snapshot.resolve("store"));
        Files.writeString(snapshot.resolve("store/CURRENT"), "new");
        Files.writeString(snapshot.resolve("store/000007.sst"), "table");
    }

    @Test
    void theSnapshotsFilesTakeThePlaceOfTheStores() throws IOException {
        new StoreDirectory(store).restore(snapshot);

        assertEquals("new", Files.readString(store.resolve("CURRENT")));
        assertEquals("table", Files.readString(store.resolve("000007.sst")));
        assertFalse(Files.exists(root.resolve("store.next")));
        assertFalse(Files.exists(root.resolve("store.old")));
        assertTrue(Files.exists(snapshot.resolve("store/CURRENT")), "the snapshot stays");
    }

    @Test
    void aCrashWhileFilesAreGatheredLeavesTheOldOnes() throws IOException {
        Files.createDirectories(root.resolve("store.next"));
        Files.writeString(root.resolve("store.next/CURRENT"), "half");

        new StoreDirectory(store).finishRestore();

        assertEquals("old", Files.readString(store.resolve("CURRENT")));
        assertFalse(Files.exists(root.resolve("store.next")));
    }

    @Test
    void aCrashBetweenTheTwoRenamesEndsWithTheNewOnes() throws IOException {
        Files.move(store, root.resolve("store.old"));
        Files.move(snapshot.resolve("store"), root.resolve("store.next"));

        new StoreDirectory(store).finishRestore();

        assertEquals("new", Files.readString(store.resolve("CURRENT")));
        assertFalse(Files.exists(root.resolve("store.old")));
    }

    @Test
    void aSnapshotWithoutAStoreIsRefusedBeforeAnythingIsTouched() {
        IOException refused =
                assertThrows(IOException.class, () -> new StoreDirectory(store).restore(root.resolve("nothing")));

        assertTrue(String.valueOf(refused.getMessage()).contains("has no directory 'store'"), refused::toString);
        assertTrue(Files.exists(store.resolve("CURRENT")));
    }
}
