package dev.quorate.raft.log.rocksdb;

import com.sun.management.OperatingSystemMXBean;
import dev.quorate.raft.Persist;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.runtime.DurableLog;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Synced writes per second and CPU per entry, by hand:
 *
 * <pre>
 *   java -cp … dev.quorate.raft.log.rocksdb.LogBenchmark DIRECTORY SECONDS_PER_CASE [name of one case]
 * </pre>
 *
 * <p>The log is compacted behind the writer as a node would do it. CPU is that of the whole process, RocksDB's background threads
 * included.
 */
final class LogBenchmark {

    private static final int ENTRY_BYTES = 256;
    private static final int[] BATCHES = {1, 64, 1024};
    private static final long COMPACT_EVERY = 100_000;
    private static final long TRAILING = 20_000;

    /** @param warmBytes written before the clock starts; enough of them, and write-ahead files are recycled */
    private record Case(String name, RocksDbLogOptions options, long warmBytes) {}

    private LogBenchmark() {}

    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        long seconds = Long.parseLong(args[1]);
        RocksDbLogOptions chunks = RocksDbLogOptions.DEFAULTS;
        long warm = 4 * chunks.memtableBytes();
        List<Case> cases = List.of(
                new Case("defaults", chunks, warm),
                new Case("no-recycling", chunks.withRecycledWalFiles(0), warm),
                new Case("fresh-files", chunks, 0),
                new Case("key-per-entry", chunks.withMaxChunkBytes(1), warm),
                new Case("memtable-8M", chunks.withMemtableBytes(8 << 20), warm),
                new Case("memtable-64M", chunks.withMemtableBytes(64 << 20), 2 * warm));
        System.out.printf(
                "%-14s %6s %10s %12s %10s %9s %9s%n",
                "case", "batch", "writes/s", "entries/s", "cpu µs/e", "p50 µs", "p99 µs");
        for (Case each : cases) {
            if (args.length < 3 || Arrays.asList(args).subList(2, args.length).contains(each.name())) {
                for (int batch : BATCHES) {
                    Path place = Files.createTempDirectory(directory, "bench");
                    run(each, batch, place, seconds);
                    Logs.removeAll(place);
                }
            }
        }
    }

    private static void run(Case each, int batch, Path place, long seconds) throws IOException {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        byte[] payload = new byte[ENTRY_BYTES];
        new Random(1).nextBytes(payload);
        try (DurableLog log = Logs.open(place, each.options())) {
            log.recover(Logs.THREE);
            Writer writer = new Writer(log, payload);
            while (writer.last * ENTRY_BYTES < each.warmBytes()) {
                writer.write(1024);
            }
            for (int i = 0; i < 2_000 && each.warmBytes() > 0; i++) {
                writer.write(batch);
            }
            long firstIndex = writer.last;
            long[] nanos = new long[1 << 20];
            int writes = 0;
            long cpu = system.getProcessCpuTime();
            long start = System.nanoTime();
            long now = start;
            while (now - start < seconds * 1_000_000_000L && writes < nanos.length) {
                writer.write(batch);
                long end = System.nanoTime();
                nanos[writes++] = end - now;
                now = end;
            }
            double cpuMicros = (system.getProcessCpuTime() - cpu) / 1e3;
            double elapsed = (now - start) / 1e9;
            long entries = writer.last - firstIndex;
            Arrays.sort(nanos, 0, writes);
            System.out.printf(
                    "%-14s %6d %10.0f %12.0f %10.2f %9.0f %9.0f%n",
                    each.name(),
                    batch,
                    writes / elapsed,
                    entries / elapsed,
                    cpuMicros / entries,
                    nanos[writes / 2] / 1e3,
                    nanos[(int) (writes * 0.99)] / 1e3);
        }
    }

    private static final class Writer {
        private final DurableLog log;
        private final byte[] payload;
        private long last;
        private long base;

        Writer(DurableLog log, byte[] payload) {
            this.log = log;
            this.payload = payload;
        }

        void write(int batch) throws IOException {
            List<Entry> entries = new ArrayList<>(batch);
            for (int i = 1; i <= batch; i++) {
                entries.add(Entry.command(last + i, 1, payload));
            }
            last += batch;
            boolean compacts = last - base > COMPACT_EVERY + TRAILING;
            if (compacts) {
                base = last - TRAILING;
            }
            Persist persist = Logs.persist(null, entries, null, compacts ? Logs.meta(base, 1) : null);
            log.write(List.of(persist));
        }
    }
}
