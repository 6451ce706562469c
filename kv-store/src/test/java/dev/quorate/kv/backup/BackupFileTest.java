package dev.quorate.kv.backup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.kv.mvcc.State;
import dev.quorate.kv.mvcc.StoreFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A backup's file: what was put in comes out, and what has changed is noticed. */
final class BackupFileTest {

    private static final BackupInfo INFO =
            new BackupInfo(0xfedc_ba98_7654_3210L, "n1", Instant.parse("2026-11-27T13:00:00Z"), 42, 17, 99, 7);

    /** Around the sizes at which a tar record and a part end. */
    private static final List<Integer> SIZES = List.of(0, 1, 511, 512, 513, 32_767, 32_768, 32_769, 100_000);

    @TempDir
    private Path root;

    private Path source;
    private Path file;

    @BeforeEach
    void aBackupOfFilesOfManySizes() throws IOException {
        source = Files.createDirectory(root.resolve("source"));
        file = root.resolve("backup.db");
        for (int size : SIZES) {
            byte[] content = new byte[size];
            new Random(size).nextBytes(content);
            Files.write(source.resolve(String.format("%06d.sst", size)), content);
        }
        write(file);
    }

    private StoreFiles files() throws IOException {
        List<String> names =
                SIZES.stream().map(size -> String.format("%06d.sst", size)).toList();
        return new StoreFiles(source, names, new State(42, 17, 99), 7);
    }

    private void write(Path to) throws IOException {
        try (BackupArchive archive = new BackupArchive(INFO, files());
                OutputStream out = Files.newOutputStream(to)) {
            for (byte[] part = archive.next(); part != null; part = archive.next()) {
                out.write(part);
            }
        }
    }

    @Test
    void whatWasPutInComesOut() throws IOException {
        Path target = Files.createDirectory(root.resolve("target"));
        List<Long> progress = new ArrayList<>();
        BackupFile backup = BackupFile.open(file);

        backup.extract(target, progress::add);

        assertEquals(INFO, backup.info());
        for (int size : SIZES) {
            String name = String.format("%06d.sst", size);
            assertArrayEquals(Files.readAllBytes(source.resolve(name)), Files.readAllBytes(target.resolve(name)));
        }
        assertEquals(backup.archiveBytes(), progress.get(progress.size() - 1));
        assertEquals(progress.stream().sorted().toList(), progress);
    }

    @Test
    void thePartsAreSmallAndTheRestFallsToNothingBeforeTheChecksum() throws IOException {
        try (BackupArchive archive = new BackupArchive(INFO, files())) {
            assertEquals(archive.totalBytes(), archive.remainingBytes());
            byte[] part = archive.next();
            for (; archive.remainingBytes() > 0; part = archive.next()) {
                assertTrue(part != null && part.length <= 3 * BackupArchive.PART_BYTES);
            }

            byte[] checksum = archive.next();

            assertEquals(32, checksum == null ? 0 : checksum.length);
            assertNull(archive.next());
            assertEquals(32, Files.size(file) % 512, "as etcd's clients expect");
        }
    }

    @Test
    void aFlippedByteAnywhereIsNoticed() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            int where = i < whole.length / 512 ? i * 512 + random.nextInt(512) : random.nextInt(whole.length);
            byte[] changed = whole.clone();
            changed[where] ^= (byte) (1 + random.nextInt(255));
            Path damaged = Files.write(root.resolve("damaged-" + i), changed);
            Path target = Files.createDirectory(root.resolve("target-" + i));

            assertThrows(
                    IOException.class,
                    () -> BackupFile.open(damaged).verify(read -> {}),
                    () -> "byte " + where + " when verified");
            assertThrows(
                    IOException.class,
                    () -> BackupFile.open(damaged).extract(target, read -> {}),
                    () -> "byte " + where + " when extracted");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 31, 32, 511, 512, 544, 100_000})
    void aFileThatIsCutShortIsNoBackup(int length) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Path cut = Files.write(root.resolve("cut"), java.util.Arrays.copyOf(whole, length));

        assertThrows(IOException.class, () -> BackupFile.open(cut).verify(read -> {}));
    }

    @Test
    void aWholeRecordThatIsMissingIsNoticed() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Path cut = Files.write(root.resolve("cut"), java.util.Arrays.copyOf(whole, whole.length - 512));

        assertThrows(IOException.class, () -> BackupFile.open(cut).verify(read -> {}));
    }

    @Test
    void aSnapshotOfEtcdIsCalledOne() throws IOException {
        ByteBuffer bolt = ByteBuffer.allocate(8192 + 32).order(ByteOrder.LITTLE_ENDIAN);
        bolt.putInt(16, 0xED0CDAED);
        Path etcd = Files.write(root.resolve("etcd.db"), bolt.array());

        IOException refusal = assertThrows(IOException.class, () -> BackupFile.open(etcd));

        assertTrue(String.valueOf(refusal.getMessage()).contains("is a snapshot of etcd"), refusal::getMessage);
    }

    @Test
    void aLaterFormatIsCalledOne() throws IOException {
        String later = INFO.toText().replace("format 1", "format 2");

        IOException refusal = assertThrows(IOException.class, () -> BackupInfo.parse(later));

        assertTrue(String.valueOf(refusal.getMessage()).contains("this version reads format 1"), refusal::getMessage);
    }

    /** The checksum is right: whoever made the file wanted it so. */
    @ParameterizedTest
    @ValueSource(strings = {"../outside", "/etc/outside", "store/../../outside", "store/a/b", "store/.hidden", "other"})
    void noEntryLeavesTheDirectory(String name) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
            entry(tar, BackupInfo.ENTRY_NAME, INFO.toText());
            entry(tar, name, "x");
        }
        bytes.write(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
        Path hostile = Files.write(root.resolve("hostile"), bytes.toByteArray());
        Path target = Files.createDirectory(root.resolve("target"));

        IOException refusal =
                assertThrows(IOException.class, () -> BackupFile.open(hostile).extract(target, read -> {}));

        assertTrue(String.valueOf(refusal.getMessage()).contains("which no backup has"), refusal::getMessage);
        try (var left = Files.list(target)) {
            assertEquals(List.of(), left.toList());
        }
    }

    private static void entry(TarArchiveOutputStream tar, String name, String text) throws IOException {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }
}
