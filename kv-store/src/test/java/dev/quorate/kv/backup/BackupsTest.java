package dev.quorate.kv.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.StoreOptions;
import dev.quorate.kv.mvcc.Writer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a store that goes on being written. */
final class BackupsTest {

    @TempDir
    private Path root;

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1); // a clock that overflows on the way
    private MvccStore store;
    private Backups backups;

    @BeforeEach
    void open() throws IOException {
        store = MvccStore.open(root.resolve("store"), StoreOptions.defaults());
        Path copies = Files.createDirectories(root.resolve("backups/7"));
        Files.writeString(copies.resolve("left-by-a-crash"), "x");
        backups = Backups.open(root.resolve("backups"), store, 1, "n1", InstantSource.fixed(Instant.EPOCH), nanos::get);
    }

    @AfterEach
    void close() {
        backups.close();
        store.close();
    }

    private void put(long index, String key) throws KvException {
        Writer writer = store.writer();
        writer.begin();
        byte[] value = "value".getBytes(StandardCharsets.UTF_8);
        writer.put(
                new Writer.Put(key.getBytes(StandardCharsets.UTF_8), value, 0, value.length, 0, false, false, false));
        writer.applied(index);
        writer.end();
    }

    private List<Path> copies() throws IOException {
        if (!Files.exists(root.resolve("backups"))) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(root.resolve("backups"))) {
            return files.toList();
        }
    }

    @Test
    void whatACrashHasLeftIsGone() throws IOException {
        assertEquals(List.of(), copies());
    }

    @Test
    void itIsTheStoreAsItWasWhenItBegan() throws Exception {
        put(1, "a");
        put(2, "b");
        Path file = root.resolve("file");
        try (Backups.Backup backup = backups.begin()) {
            put(3, "c");
            store.flush();
            store.defragment();
            try (OutputStream out = Files.newOutputStream(file)) {
                for (byte[] part = backup.next(); part != null; part = backup.next()) {
                    out.write(part);
                }
            }
        }
        Path target = Files.createDirectory(root.resolve("target"));

        BackupFile taken = BackupFile.open(file);
        taken.extract(target, read -> {});

        assertEquals(3, taken.info().revision());
        assertEquals(2, taken.info().appliedIndex());
        assertEquals(2, taken.info().estimatedKeys());
        assertEquals("n1", taken.info().member());
        try (MvccStore copy = MvccStore.open(target, StoreOptions.defaults())) {
            assertEquals(3, copy.state().revision());
            assertEquals(store.hash(3).hash(), copy.hash(3).hash());
        }
        assertEquals(List.of(), copies(), "the copy goes with the backup");
    }

    @Test
    void thereIsALimitForThoseThatAreRead() throws Exception {
        List<Backups.Backup> taken = new ArrayList<>();
        for (int i = 0; i < Backups.MAX_BACKUPS; i++) {
            taken.add(backups.begin());
        }
        nanos.addAndGet(Backups.PATIENCE_NANOS - 1);

        assertEquals(
                KvError.TOO_MANY_REQUESTS,
                assertThrows(KvException.class, backups::begin).error());

        taken.get(2).close();
        assertNotNull(backups.begin().next());
    }

    @Test
    void whoReadsNothingForAMinuteGivesWay() throws Exception {
        List<Backups.Backup> taken = new ArrayList<>();
        for (int i = 0; i < Backups.MAX_BACKUPS; i++) {
            taken.add(backups.begin());
        }
        nanos.addAndGet(Backups.PATIENCE_NANOS / 2);
        taken.get(0).next();
        taken.get(2).next();
        nanos.addAndGet(Backups.PATIENCE_NANOS / 2);

        assertNotNull(backups.begin().next());

        assertEquals(Backups.MAX_BACKUPS, copies().size());
        assertNotNull(taken.get(0).next());
        assertNotNull(taken.get(2).next());
        assertTrue(isOver(taken.get(1)) != isOver(taken.get(3)), "one of the two that stood still");
    }

    private static boolean isOver(Backups.Backup backup) {
        try {
            return backup.next() == null;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void closingEndsThemAll() throws Exception {
        Backups.Backup running = backups.begin();
        assertFalse(copies().isEmpty());

        backups.close();

        assertEquals(List.of(), copies());
        assertThrows(IOException.class, running::next);
        assertEquals(
                KvError.STOPPED, assertThrows(KvException.class, backups::begin).error());
    }
}
