package dev.quorate.raft.log.rocksdb;

import static dev.quorate.raft.log.rocksdb.Logs.THREE;
import static dev.quorate.raft.log.rocksdb.Logs.append;
import static dev.quorate.raft.log.rocksdb.Logs.compact;
import static dev.quorate.raft.log.rocksdb.Logs.meta;
import static dev.quorate.raft.log.rocksdb.Logs.open;
import static dev.quorate.raft.log.rocksdb.Logs.readAll;
import static dev.quorate.raft.log.rocksdb.Logs.reset;
import static dev.quorate.raft.log.rocksdb.Logs.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.runtime.DurableLog;
import dev.quorate.raft.runtime.DurableLog.CompactedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompactionTest {

    private static final RocksDbLogOptions SMALL =
            RocksDbLogOptions.DEFAULTS.withMemtableBytes(64 << 10).withMaxChunkBytes(4 << 10);

    @TempDir(factory = MemoryTempDir.class)
    Path directory;

    @Test
    void whatIsCompactedAwayLeavesTheDisk() throws IOException {
        try (DurableLog log = open(directory, SMALL)) {
            log.recover(THREE);
            long last = 0;
            for (int round = 0; round < 200; round++) {
                write(log, append(kilobytes(last + 1, last + 32, 1)));
                last += 32;
                if (round % 10 == 9) {
                    write(log, compact(meta(last - 20, 1)));
                }
            }
            // Six megabytes were written, twenty kilobytes are left. Files go when RocksDB's threads come by.
            requireTablesBelow(1 << 20);
            assertEquals(kilobytes(last - 19, last, 1), readAll(log, last - 19, last));
        }
        assertEquals(6_400, Logs.contents(directory, SMALL).lastIndex());
    }

    @Test
    void whatAResetLeavesBehindLeavesTheDiskAndNeverComesBack() throws IOException {
        for (int life = 0; life < 3; life++) {
            long base = life * 10_000L;
            try (DurableLog log = open(directory, SMALL)) {
                Recovered recovered = log.recover(THREE);
                assertEquals(base, recovered.lastIndex());
                for (int i = 0; i < 64; i++) {
                    write(log, append(kilobytes(base + 32L * i + 1, base + 32L * i + 32, life + 1)));
                }
                write(log, compact(meta(base + 1_000, life + 1)));
                write(log, reset(meta(base + 10_000, life + 1)));
                write(log, Logs.vote(100 + life, "n1"));
            }
        }
        try (DurableLog log = open(directory, SMALL)) {
            assertEquals(30_000, log.recover(THREE).lastIndex());
            // Table files that are not wholly outdated go when enough newer ones are there.
            for (long last = 30_000; last < 30_500; last += 50) {
                write(log, append(kilobytes(last + 1, last + 50, 4)), compact(meta(last + 48, 4)));
            }
            requireTablesBelow(1 << 20);
            assertEquals(kilobytes(30_499, 30_500, 4), readAll(log, 30_499, 30_500));
        }
    }

    /** Readers see entries as they are, or that they are compacted; never holes, never another entry, never damage. */
    @Test
    void readersNeverSeeAHoleWhileTheLogIsWrittenTruncatedAndCompacted() throws Exception {
        ExecutorService readers = Executors.newFixedThreadPool(2);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong first = new AtomicLong(1);
        AtomicLong last = new AtomicLong(0);
        AtomicLong read = new AtomicLong();
        try (DurableLog log = open(directory, SMALL)) {
            log.recover(THREE);
            write(log, append(kilobytes(1, 50, 1)));
            last.set(50);
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Random random = new Random(i);
                running.add(readers.submit(() -> {
                    while (!stop.get()) {
                        readSomewhere(log, first.get(), last.get(), random);
                        read.incrementAndGet();
                    }
                    return null;
                }));
            }
            Random random = new Random(5);
            for (int term = 2; term < 300; term++) {
                long end = last.get();
                // Readers ask only for what stays: the core reads no entry that may yet be truncated.
                last.set(end - 10);
                write(log, append(kilobytes(end - 9 + random.nextInt(10), end + 25, term)));
                if (term % 7 == 0) {
                    long base = first.get() + random.nextInt(150);
                    if (base < end - 10) {
                        long baseTerm = log.read(base, base, 1).get(0).term();
                        first.set(base + 1);
                        write(log, compact(meta(base, baseTerm)));
                    }
                }
                last.set(end + 25);
            }
            stop.set(true);
            for (Future<?> reader : running) {
                reader.get(10, TimeUnit.SECONDS);
            }
        } finally {
            stop.set(true);
            readers.shutdownNow();
        }
        assertTrue(read.get() > 100, "only " + read + " reads");
    }

    /** A reader that looked at the log just before a reset, and at the database just after it, must not call that damage. */
    @Test
    void readersAreToldOfAResetAndNotOfDamage() throws Exception {
        ExecutorService reader = Executors.newSingleThreadExecutor();
        AtomicLong first = new AtomicLong(1);
        AtomicLong compacted = new AtomicLong();
        AtomicBoolean stop = new AtomicBoolean();
        try (DurableLog log = open(directory)) {
            log.recover(THREE);
            write(log, append(kilobytes(1, 1, 1)));
            Future<?> reading = reader.submit(() -> {
                while (!stop.get()) {
                    long index = first.get();
                    try {
                        assertEquals(kilobytes(index, index, 1), log.read(index, index, 1));
                    } catch (CompactedException e) {
                        compacted.incrementAndGet();
                    }
                }
                return null;
            });
            // Until the reader was overtaken often, now and then in the very moment.
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
            while (compacted.get() < 2_000 && !reading.isDone() && System.nanoTime() < deadline) {
                long base = first.get();
                write(log, Logs.persist(null, kilobytes(base + 1, base + 1, 1), meta(base, 1), null));
                first.set(base + 1);
            }
            stop.set(true);
            reading.get(10, TimeUnit.SECONDS);
        } finally {
            stop.set(true);
            reader.shutdownNow();
        }
    }

    private static void readSomewhere(DurableLog log, long first, long last, Random random) throws IOException {
        if (last < first) {
            return;
        }
        long from = Math.max(1, first - 5 + random.nextLong(last - first + 1));
        try {
            List<Entry> entries = log.read(from, Math.max(from, last), 1 + random.nextInt(40_000));
            for (int i = 0; i < entries.size(); i++) {
                Entry entry = entries.get(i);
                assertEquals(from + i, entry.index());
                assertEquals(kilobytes(from + i, from + i, entry.term()).get(0), entry);
                assertTrue(i == 0 || entries.get(i - 1).term() <= entry.term());
            }
        } catch (CompactedException e) {
            // The writer was faster.
        }
    }

    private void requireTablesBelow(long bytes) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        long found = tableBytes();
        while (found >= bytes) {
            assertTrue(System.nanoTime() < deadline, "table files still have " + found + " bytes");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            found = tableBytes();
        }
    }

    private long tableBytes() throws IOException {
        long bytes = 0;
        for (Path file : Logs.files(directory, ".sst")) {
            try {
                bytes += Files.size(file);
            } catch (java.nio.file.NoSuchFileException e) {
                // Gone between the look at the directory and the look at the file, as it should be.
            }
        }
        return bytes;
    }

    private static List<Entry> kilobytes(long from, long to, long term) {
        List<Entry> entries = new ArrayList<>();
        for (long index = from; index <= to; index++) {
            byte[] payload = new byte[1_000];
            new Random(index * 1_000 + term).nextBytes(payload);
            entries.add(Entry.command(index, term, payload));
        }
        return entries;
    }
}
