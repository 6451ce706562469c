package dev.quorate.raft.log.rocksdb;

import static dev.quorate.raft.log.rocksdb.Logs.THREE;
import static dev.quorate.raft.log.rocksdb.Logs.append;
import static dev.quorate.raft.log.rocksdb.Logs.assertFails;
import static dev.quorate.raft.log.rocksdb.Logs.command;
import static dev.quorate.raft.log.rocksdb.Logs.commands;
import static dev.quorate.raft.log.rocksdb.Logs.compact;
import static dev.quorate.raft.log.rocksdb.Logs.contents;
import static dev.quorate.raft.log.rocksdb.Logs.copy;
import static dev.quorate.raft.log.rocksdb.Logs.edit;
import static dev.quorate.raft.log.rocksdb.Logs.meta;
import static dev.quorate.raft.log.rocksdb.Logs.open;
import static dev.quorate.raft.log.rocksdb.Logs.persist;
import static dev.quorate.raft.log.rocksdb.Logs.readAll;
import static dev.quorate.raft.log.rocksdb.Logs.removeAll;
import static dev.quorate.raft.log.rocksdb.Logs.walFiles;
import static dev.quorate.raft.log.rocksdb.Logs.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.runtime.DurableLog;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a crash of the process, a crash of the machine, and a failing disk leave behind, and what is made of it. */
class CrashTest {

    private static final RocksDbLogOptions OPTIONS = RocksDbLogOptions.DEFAULTS;

    /** Many write-ahead files, recycled ones among them, after a few hundred kilobytes. */
    private static final RocksDbLogOptions SMALL_FILES =
            RocksDbLogOptions.DEFAULTS.withMemtableBytes(64 << 10).withMaxChunkBytes(8 << 10);

    @TempDir(factory = MemoryTempDir.class)
    Path directory;

    @Test
    void whateverWriteReturnedForIsThereAfterACrashAtAnyMoment() throws IOException {
        Path live = directory.resolve("live");
        try (DurableLog log = open(live, SMALL_FILES)) {
            log.recover(THREE);
            for (int i = 0; i < 40; i++) {
                long first = 10L * i + 1;
                HardState hardState = new HardState(i + 1, NodeId.of("n" + i));
                write(log, persist(hardState, bigCommands(first, first + 9, i + 1), null, null));
                if (i % 10 == 9) {
                    write(log, compact(meta(first - 20, i - 1)));
                }

                Path crashed = copy(live, directory.resolve("crashed" + i));

                Logs.Contents found = contents(crashed, SMALL_FILES);
                assertEquals(hardState, found.hardState());
                assertEquals(first + 9, found.lastIndex());
                assertEquals(readAll(log, found.base().index() + 1, first + 9), found.entries());
            }
        }
    }

    /**
     * A machine that loses power keeps a prefix of the write-ahead file, and of the acknowledged mark some older state. The
     * log must come back with exactly the writes that are whole, or not at all if that is less than the mark promises.
     */
    @Test
    void aTornTailIsCutAtAWriteAndNeverBeforeTheAcknowledgedMark() throws IOException {
        Path live = directory.resolve("live");
        List<Long> endBytes = new ArrayList<>();
        List<byte[]> marks = new ArrayList<>();
        int writes = 20;
        Path wal;
        try (DurableLog log = open(live, OPTIONS)) {
            log.recover(THREE);
            wal = walFiles(live).get(0);
            for (int i = 0; i < writes; i++) {
                // Sizes around the write-ahead file's block of 32 KiB, so that records and headers straddle its ends.
                write(log, append(List.of(Entry.command(i + 1, 1, new byte[i * 1_777]))));
                endBytes.add(Files.size(wal));
                marks.add(Files.readAllBytes(live.resolve("ACKNOWLEDGED")));
            }
            copy(live, directory.resolve("full"));
        }
        Random random = new Random(7);
        for (int round = 0; round < 40; round++) {
            int marked = random.nextInt(writes);
            long cut = round < writes
                    ? endBytes.get(round) - 1
                    : random.nextLong(endBytes.get(0), endBytes.get(writes - 1));
            long whole = endBytes.stream().filter(end -> end <= cut).count();
            Path crashed = copy(directory.resolve("full"), directory.resolve("cut" + round));
            Files.write(crashed.resolve("ACKNOWLEDGED"), marks.get(marked));
            edit(walFiles(crashed).get(0), bytes -> Arrays.copyOf(bytes, (int) cut));

            if (whole >= marked + 1) {
                assertEquals(whole, contents(crashed, OPTIONS).lastIndex(), "cut at " + cut);
                // And the log goes on from there.
                try (DurableLog log = open(crashed, OPTIONS)) {
                    log.recover(THREE);
                    write(log, append(List.of(command(whole + 1, 2))));
                }
                assertEquals(whole + 1, contents(crashed, OPTIONS).lastIndex());
            } else {
                assertFails(CorruptLogException.class, "lost acknowledged writes", () -> contents(crashed, OPTIONS));
                // It stays refused: opening it did not make the evidence go away.
                assertFails(CorruptLogException.class, "lost acknowledged writes", () -> contents(crashed, OPTIONS));
            }
        }
    }

    /** Without the mark, the write-ahead file itself proves that a damaged record was acknowledged: another one follows it. */
    @Test
    void aDamagedRecordThatAnotherOneFollowsIsNoTornTail() throws IOException {
        Path live = directory.resolve("live");
        byte[] oldMark;
        long start;
        long end;
        try (DurableLog log = open(live, OPTIONS)) {
            log.recover(THREE);
            write(log, append(commands(1, 10, 1)));
            oldMark = Files.readAllBytes(live.resolve("ACKNOWLEDGED"));
            start = Files.size(walFiles(live).get(0));
            write(log, append(bigCommands(11, 20, 1)));
            end = Files.size(walFiles(live).get(0));
            write(log, append(commands(21, 30, 1)));
        }
        for (long offset = start; offset < end; offset += 1 + (end - start) / 15) {
            int at = (int) offset;
            Path damaged = copy(live, directory.resolve("damaged" + at));
            Files.write(damaged.resolve("ACKNOWLEDGED"), oldMark);
            edit(walFiles(damaged).get(0), bytes -> {
                bytes[at] ^= 0x10;
                return bytes;
            });

            for (int attempt = 0; attempt < 2; attempt++) {
                assertFails(CorruptLogException.class, "lost acknowledged writes", () -> contents(damaged, OPTIONS));
            }
        }
        // The same damage in the last record is a torn tail, as far as anyone can know.
        Path torn = copy(live, directory.resolve("torn"));
        Files.write(torn.resolve("ACKNOWLEDGED"), oldMark);
        edit(walFiles(torn).get(0), bytes -> Arrays.copyOf(bytes, (int) end - 1));
        assertEquals(10, contents(torn, OPTIONS).lastIndex());
    }

    @Test
    void aFlippedByteAnywhereIsNoticedOrHarmless() throws IOException {
        Path live = directory.resolve("live");
        try (DurableLog log = open(live, SMALL_FILES)) {
            log.recover(THREE);
            for (int i = 0; i < 40; i++) {
                long first = 10L * i + 1;
                write(log, persist(new HardState(i + 1, null), bigCommands(first, first + 9, i / 3 + 1), null, null));
            }
            write(log, compact(meta(95, 4)));
            write(log, append(bigCommands(401, 410, 14)));
        }
        assertTrue(Logs.files(live, ".sst").size() > 1, "there are table files");
        assertTrue(walFiles(live).size() > 1, "there are recycled write-ahead files");
        Logs.Contents expected = contents(copy(live, directory.resolve("whole")), SMALL_FILES);
        assertEquals(410, expected.lastIndex());

        Random random = new Random(11);
        int noticed = 0;
        int rounds = 50;
        for (int round = 0; round < rounds; round++) {
            Path damaged = copy(live, directory.resolve("damaged"));
            List<Path> files = filesWithBytes(damaged);
            Path file = files.get(random.nextInt(files.size()));
            int at = random.nextInt((int) Files.size(file));
            byte flip = (byte) (1 << random.nextInt(8));
            edit(file, bytes -> {
                bytes[at] ^= flip;
                return bytes;
            });
            try {
                Logs.Contents found = contents(damaged, SMALL_FILES);

                assertEquals(expected, found, "byte " + at + " of " + file);
            } catch (IOException e) {
                noticed++;
            }
            removeAll(damaged);
        }
        assertTrue(noticed > rounds / 4, "noticed " + noticed + " of " + rounds);
    }

    @Test
    void killedInTheMiddleOfWritingItHasEverythingThatItAnnounced() throws Exception {
        Path live = directory.resolve("live");
        long announced = 0;
        for (int life = 1; life <= 3; life++) {
            Process child = LogProcess.start(live, "write");
            long enough = announced + 300;
            try (BufferedReader lines = child.inputReader(StandardCharsets.US_ASCII)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    announced = Long.parseLong(line);
                    if (announced >= enough && child.isAlive()) {
                        // Not by the Process, which would close the pipe that still has announcements in it.
                        child.toHandle().destroyForcibly();
                    }
                }
            } finally {
                child.destroyForcibly().waitFor();
            }
            assertTrue(announced >= enough, "the child announced " + announced);

            try (DurableLog log = open(live, LogProcess.OPTIONS)) {
                Recovered recovered = log.recover(THREE);
                assertEquals(2L * life, recovered.incarnation());
                assertTrue(recovered.lastIndex() >= announced, recovered.lastIndex() + " of " + announced);
                long first = recovered.base().index() + 1;
                assertEquals(
                        LogProcess.entries(first, recovered.lastIndex()), readAll(log, first, recovered.lastIndex()));
                announced = recovered.lastIndex();
            }
        }
    }

    private static List<Path> filesWithBytes(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            List<Path> found = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                if (Files.isRegularFile(file) && Files.size(file) > 0) {
                    found.add(file);
                }
            }
            return found;
        }
    }

    private static List<Entry> bigCommands(long from, long to, long term) {
        List<Entry> entries = new ArrayList<>();
        for (long index = from; index <= to; index++) {
            byte[] payload = new byte[500];
            new Random(index * 31 + term).nextBytes(payload);
            entries.add(Entry.command(index, term, payload));
        }
        return entries;
    }
}
