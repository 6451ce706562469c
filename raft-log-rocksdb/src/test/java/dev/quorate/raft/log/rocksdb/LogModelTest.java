package dev.quorate.raft.log.rocksdb;

import static dev.quorate.raft.log.rocksdb.Logs.GROUP;
import static dev.quorate.raft.log.rocksdb.Logs.THREE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quorate.raft.Persist;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.runtime.DurableLog;
import dev.quorate.raft.runtime.DurableLog.CompactedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** Random writes, restarts and reads, against a twin that keeps every entry in a map. */
class LogModelTest {

    /** What a step does, in numbers that mean something relative to the log of that moment, so that steps can be left out. */
    record Step(Kind kind, int a, int b, boolean sameWrite) {}

    enum Kind {
        APPEND,
        APPEND_IN_NEW_TERM,
        MEMBERSHIP,
        TRUNCATE,
        COMPACT,
        RESET,
        VOTE,
        RESTART
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                net.jqwik.api.Tuple.of(8, Kind.APPEND),
                net.jqwik.api.Tuple.of(4, Kind.APPEND_IN_NEW_TERM),
                net.jqwik.api.Tuple.of(2, Kind.MEMBERSHIP),
                net.jqwik.api.Tuple.of(4, Kind.TRUNCATE),
                net.jqwik.api.Tuple.of(3, Kind.COMPACT),
                net.jqwik.api.Tuple.of(1, Kind.RESET),
                net.jqwik.api.Tuple.of(1, Kind.VOTE),
                net.jqwik.api.Tuple.of(2, Kind.RESTART));
        Arbitrary<Step> step = Combinators.combine(
                        kinds,
                        Arbitraries.integers().between(0, 99),
                        Arbitraries.integers().between(0, 99),
                        Arbitraries.of(true, false))
                .as(Step::new);
        return step.list().ofMinSize(5).ofMaxSize(60);
    }

    @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
    void behavesLikeAMapOfEntries(@ForAll("steps") List<Step> steps) throws IOException {
        // Small chunks and memtables: several chunks per write, several table files per run.
        RocksDbLogOptions options = RocksDbLogOptions.DEFAULTS
                .withMaxChunkBytes(600)
                .withMemtableBytes(64 << 10)
                .withTailBytes(2_000);
        Path directory = MemoryTempDir.create();
        LogTwin twin = new LogTwin();
        DurableLog log = RocksDbLogStore.openSingle(directory, GROUP, options);
        try {
            requireEqual(twin, log.recover(THREE), options);
            List<Persist> batch = new ArrayList<>();
            for (Step step : steps) {
                if (step.kind() != Kind.RESTART) {
                    Persist persist = twin.apply(step);
                    batch.add(persist);
                    if (step.sameWrite()) {
                        continue;
                    }
                }
                log.write(batch);
                batch.clear();
                if (step.kind() == Kind.RESTART) {
                    log.close();
                    log = RocksDbLogStore.openSingle(directory, GROUP, options);
                    twin.incarnation++;
                    requireEqual(twin, log.recover(THREE), options);
                }
                requireReads(twin, log, step);
            }
        } finally {
            log.close();
            Logs.removeAll(directory);
        }
    }

    private static void requireEqual(LogTwin twin, Recovered recovered, RocksDbLogOptions options) {
        assertEquals(twin.incarnation, recovered.incarnation());
        assertEquals(twin.hardState, recovered.hardState());
        assertEquals(twin.base, recovered.base());
        assertEquals(twin.lastIndex(), recovered.lastIndex());
        assertEquals(twin.termRuns(), recovered.termRuns());
        assertEquals(twin.memberships(), recovered.membershipEntries());
        assertEquals(twin.tail(options.tailBytes()), recovered.tail());
    }

    private static void requireReads(LogTwin twin, DurableLog log, Step step) throws IOException {
        long first = twin.base.index() + 1;
        if (first > 1) {
            assertThrows(CompactedException.class, () -> log.read(first - 1, first, 1));
        }
        long last = twin.lastIndex();
        if (last < first) {
            assertThrows(IOException.class, () -> log.read(first, first, 1));
            return;
        }
        assertEquals(twin.range(first, last), Logs.readAll(log, first, last));
        long from = first + step.a() % (last - first + 1);
        long to = from + step.b() % (last - from + 1);
        assertEquals(twin.range(from, to), log.read(from, to, Long.MAX_VALUE));
        assertEquals(twin.limited(from, to, 1_000), log.read(from, to, 1_000));
    }
}
