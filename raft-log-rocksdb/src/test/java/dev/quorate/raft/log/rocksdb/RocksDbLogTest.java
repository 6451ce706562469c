package dev.quorate.raft.log.rocksdb;

import static dev.quorate.raft.log.rocksdb.Logs.FOUR;
import static dev.quorate.raft.log.rocksdb.Logs.THREE;
import static dev.quorate.raft.log.rocksdb.Logs.append;
import static dev.quorate.raft.log.rocksdb.Logs.assertFails;
import static dev.quorate.raft.log.rocksdb.Logs.command;
import static dev.quorate.raft.log.rocksdb.Logs.commands;
import static dev.quorate.raft.log.rocksdb.Logs.compact;
import static dev.quorate.raft.log.rocksdb.Logs.meta;
import static dev.quorate.raft.log.rocksdb.Logs.open;
import static dev.quorate.raft.log.rocksdb.Logs.persist;
import static dev.quorate.raft.log.rocksdb.Logs.readAll;
import static dev.quorate.raft.log.rocksdb.Logs.reset;
import static dev.quorate.raft.log.rocksdb.Logs.vote;
import static dev.quorate.raft.log.rocksdb.Logs.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.model.Recovered.TermRun;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.runtime.DurableLog;
import dev.quorate.raft.runtime.DurableLog.CompactedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksDbLogTest {

    private static final RocksDbLogOptions SMALL_CHUNKS = RocksDbLogOptions.DEFAULTS.withMaxChunkBytes(60);

    @TempDir
    Path directory;

    @Test
    void aLogThatWasNeverWrittenStartsEmptyWithTheFirstMembership() throws IOException {
        try (DurableLog log = open(directory)) {
            Recovered recovered = log.recover(THREE);

            assertEquals(
                    new Recovered(
                            1,
                            HardState.INITIAL,
                            new SnapshotMeta(EntryId.ZERO, THREE),
                            List.of(),
                            List.of(),
                            0,
                            List.of()),
                    recovered);
        }
    }

    @Test
    void everyStartIsANewIncarnationAndTheFirstMembershipIsThatOfTheFirstStart() throws IOException {
        for (int life = 1; life <= 3; life++) {
            try (DurableLog log = open(directory)) {
                Recovered recovered = log.recover(life == 1 ? THREE : FOUR);

                assertEquals(life, recovered.incarnation());
                assertEquals(THREE, recovered.base().membership());
            }
        }
    }

    @Test
    void whatWasWrittenIsReadAndSurvivesARestart() throws IOException {
        List<Entry> entries = new ArrayList<>(commands(1, 4, 2));
        entries.add(Entry.noOp(5, 3));
        entries.add(Entry.membership(6, 3, FOUR));
        entries.addAll(commands(7, 9, 5));
        try (DurableLog log = open(directory)) {
            log.recover(THREE);
            write(log, append(entries.subList(0, 5)), append(entries.subList(5, 8)), vote(5, "n2"));
            write(log, append(entries.subList(8, 9)));

            assertEquals(entries, readAll(log, 1, 9));
        }

        try (DurableLog log = open(directory)) {
            Recovered recovered = log.recover(THREE);

            assertEquals(new HardState(5, NodeId.of("n2")), recovered.hardState());
            assertEquals(List.of(new TermRun(1, 2), new TermRun(5, 3), new TermRun(7, 5)), recovered.termRuns());
            assertEquals(List.of(entries.get(5)), recovered.membershipEntries());
            assertEquals(9, recovered.lastIndex());
            assertEquals(entries, recovered.tail());
            assertEquals(entries, readAll(log, 1, 9));
        }
    }

    @Test
    void aVoteForNobodyReplacesAVote() throws IOException {
        try (DurableLog log = open(directory)) {
            log.recover(THREE);
            write(log, vote(3, "n1"));
            write(log, vote(4, null));
        }
        try (DurableLog log = open(directory)) {
            assertEquals(new HardState(4, null), log.recover(THREE).hardState());
        }
    }

    @Test
    void aReadBeginsAndEndsInTheMiddleOfAChunkAndStopsAtItsLimitOfBytes() throws IOException {
        try (DurableLog log = open(directory)) {
            log.recover(THREE);
            List<Entry> entries = commands(1, 9, 1);
            write(log, append(entries));
            long bytes = entries.get(0).sizeBytes();

            assertEquals(commands(4, 6, 1), log.read(4, 6, Long.MAX_VALUE));
            assertEquals(commands(4, 5, 1), log.read(4, 9, 2 * bytes));
            assertEquals(commands(4, 5, 1), log.read(4, 9, 3 * bytes - 1));
            assertEquals(commands(4, 4, 1), log.read(4, 9, 0));
            assertEquals(commands(8, 9, 1), log.read(8, 99, Long.MAX_VALUE));
        }
    }

    @Test
    void aReadCrossesChunks() throws IOException {
        try (DurableLog log = open(directory, SMALL_CHUNKS)) {
            log.recover(THREE);
            write(log, append(commands(1, 20, 1)));
            write(log, append(commands(21, 40, 2)));

            assertEquals(commands(15, 20, 1), log.read(15, 20, Long.MAX_VALUE));
            assertEquals(20 + 20, readAll(log, 1, 40).size());
            assertEquals(command(21, 2), log.read(20, 40, 1000).get(1));
        }
    }

    @Test
    void anEntryLargerThanAChunkIsStored() throws IOException {
        Entry huge = Entry.command(2, 1, new byte[3 << 20]);
        try (DurableLog log = open(directory)) {
            log.recover(THREE);
            write(log, append(List.of(command(1, 1), huge, command(3, 1))));
            write(log, append(commands(4, 5, 1)));

            assertEquals(List.of(command(1, 1), huge, command(3, 1)), log.read(1, 3, Long.MAX_VALUE));
        }
        try (DurableLog log = open(directory)) {
            assertEquals(5, log.recover(THREE).lastIndex());
        }
    }

    @Test
    void thereIsNothingToReadBeyondTheEnd() throws IOException {
        try (DurableLog log = open(directory)) {
            log.recover(THREE);
            write(log, append(commands(1, 3, 1)));

            assertFails(IOException.class, "ends at 3", () -> log.read(4, 4, 100));
        }
    }

    @Test
    void entriesReplaceTheLogFromTheFirstOnInTheMiddleOfAChunkToo() throws IOException {
        for (long from = 1; from <= 10; from++) {
            Path place = directory.resolve("from" + from);
            try (DurableLog log = open(place)) {
                log.recover(THREE);
                write(log, append(commands(1, 5, 1)));
                write(log, append(commands(6, 10, 2)));
                write(log, append(commands(from, from + 1, 3)));
            }
            try (DurableLog log = open(place)) {
                List<Entry> expected = new ArrayList<>(commands(1, Math.min(from - 1, 5), 1));
                expected.addAll(commands(6, from - 1, 2));
                expected.addAll(commands(from, from + 1, 3));

                assertEquals(expected, log.recover(THREE).tail());
                assertEquals(expected, readAll(log, 1, from + 1));
            }
        }
    }

    @Test
    void aTruncationTakesTheTermsAndMembershipsBehindItAway() throws IOException {
        try (DurableLog log = open(directory)) {
            log.recover(THREE);
            write(log, append(List.of(command(1, 1), Entry.membership(2, 1, FOUR), command(3, 2))));
            write(log, append(List.of(Entry.membership(4, 2, THREE), command(5, 3))));
            write(log, append(List.of(command(3, 4))));
        }
        try (DurableLog log = open(directory)) {
            Recovered recovered = log.recover(THREE);

            assertEquals(List.of(new TermRun(1, 1), new TermRun(3, 4)), recovered.termRuns());
            assertEquals(List.of(Entry.membership(2, 1, FOUR)), recovered.membershipEntries());
            assertEquals(3, recovered.lastIndex());
        }
    }

    @Test
    void oneWriteMayTruncateWhatTheSameWriteAppended() throws IOException {
        try (DurableLog log = open(directory)) {
            log.recover(THREE);
            write(log, append(commands(1, 4, 1)));
            write(
                    log,
                    append(commands(5, 8, 1)),
                    append(commands(7, 9, 2)),
                    append(commands(3, 6, 3)),
                    append(commands(6, 6, 4)));
        }
        try (DurableLog log = open(directory)) {
            List<Entry> expected = new ArrayList<>(commands(1, 2, 1));
            expected.addAll(commands(3, 5, 3));
            expected.addAll(commands(6, 6, 4));

            assertEquals(expected, log.recover(THREE).tail());
        }
    }

    @Test
    void anIndexThatIsTruncatedAndWrittenAgainHoldsTheLastOneWritten() throws IOException {
        try (DurableLog log = open(directory)) {
            log.recover(THREE);
            for (int term = 1; term <= 6; term++) {
                write(log, append(commands(1, 3, term)));
                write(log, append(List.of(command(2, term, "again"), command(3, term, "and again"))));
            }
            List<Entry> expected = List.of(command(1, 6), command(2, 6, "again"), command(3, 6, "and again"));

            assertEquals(expected, readAll(log, 1, 3));
        }
        try (DurableLog log = open(directory)) {
            assertEquals(List.of(new TermRun(1, 6)), log.recover(THREE).termRuns());
        }
    }

    @Test
    void compactionMovesTheBaseAlsoIntoTheMiddleOfAChunk() throws IOException {
        SnapshotMeta base = new SnapshotMeta(new EntryId(6, 1), FOUR);
        try (DurableLog log = open(directory)) {
            log.recover(THREE);
            write(log, append(List.of(command(1, 1), Entry.membership(2, 1, FOUR))));
            write(log, append(commands(3, 10, 1)));
            write(log, append(commands(11, 12, 2)), compact(base));

            assertFails(CompactedException.class, "starts at 7", () -> log.read(6, 9, 100));
            assertEquals(commands(7, 10, 1), log.read(7, 10, Long.MAX_VALUE));
        }
        try (DurableLog log = open(directory)) {
            Recovered recovered = log.recover(THREE);

            assertEquals(base, recovered.base());
            assertEquals(List.of(new TermRun(7, 1), new TermRun(11, 2)), recovered.termRuns());
            assertEquals(List.of(), recovered.membershipEntries());
            assertEquals(7, recovered.tail().get(0).index());
            assertThrows(CompactedException.class, () -> log.read(6, 9, 100));
        }
    }

    @Test
    void aLogThatIsCompactedWhollyGoesOnAfterItsBase() throws IOException {
        try (DurableLog log = open(directory)) {
            log.recover(THREE);
            write(log, append(commands(1, 5, 2)), compact(meta(5, 2)));
        }
        try (DurableLog log = open(directory)) {
            Recovered recovered = log.recover(THREE);
            assertEquals(5, recovered.lastIndex());
            assertEquals(List.of(), recovered.termRuns());
            assertEquals(List.of(), recovered.tail());

            write(log, append(commands(6, 7, 2)));
            assertEquals(commands(6, 7, 2), readAll(log, 6, 7));
        }
        try (DurableLog log = open(directory)) {
            Recovered recovered = log.recover(THREE);
            assertEquals(List.of(new TermRun(6, 2)), recovered.termRuns());
            assertEquals(commands(6, 7, 2), recovered.tail());

            // The first entry after the base is in the middle of nothing, and can still be replaced.
            write(log, append(commands(6, 6, 3)));
            assertEquals(commands(6, 6, 3), log.read(6, 6, 100));
        }
    }

    @Test
    void anOlderCompactionDoesNotMoveTheBaseBack() throws IOException {
        try (DurableLog log = open(directory)) {
            log.recover(THREE);
            write(log, append(commands(1, 9, 1)), compact(meta(7, 1)), compact(meta(4, 1)));

            assertThrows(CompactedException.class, () -> log.read(7, 9, 100));
            assertEquals(commands(8, 9, 1), readAll(log, 8, 9));
        }
    }

    @Test
    void aResetLeavesNothingButTheSnapshotsPlace() throws IOException {
        try (DurableLog log = open(directory)) {
            log.recover(THREE);
            write(log, append(List.of(command(1, 1), Entry.membership(2, 1, FOUR))));
            write(log, append(commands(3, 30, 1)));
            // To a place inside of the old log: what stood behind it is of another leader.
            write(log, reset(meta(10, 4)));

            assertThrows(CompactedException.class, () -> log.read(10, 11, 100));
            assertThrows(IOException.class, () -> log.read(11, 11, 100));
        }
        try (DurableLog log = open(directory)) {
            Recovered recovered = log.recover(THREE);
            assertEquals(meta(10, 4), recovered.base());
            assertEquals(10, recovered.lastIndex());
            assertEquals(List.of(), recovered.termRuns());
            assertEquals(List.of(), recovered.membershipEntries());
            assertEquals(List.of(), recovered.tail());
        }
    }

    @Test
    void aResetAndWhatFollowsItMayBeOneWrite() throws IOException {
        HardState hardState = new HardState(9, NodeId.of("n3"));
        try (DurableLog log = open(directory)) {
            log.recover(THREE);
            write(
                    log,
                    append(commands(1, 30, 1)),
                    persist(hardState, commands(101, 110, 9), meta(100, 8), meta(105, 9)),
                    append(commands(109, 112, 10)));
        }
        try (DurableLog log = open(directory)) {
            Recovered recovered = log.recover(THREE);
            List<Entry> expected = new ArrayList<>(commands(106, 108, 9));
            expected.addAll(commands(109, 112, 10));

            assertEquals(meta(105, 9), recovered.base());
            assertEquals(hardState, recovered.hardState());
            assertEquals(List.of(new TermRun(106, 9), new TermRun(109, 10)), recovered.termRuns());
            assertEquals(expected, recovered.tail());
        }
    }

    @Test
    void theTailIsLimitedInBytesAndTheRestIsStillKnown() throws IOException {
        long bytes = command(10, 1).sizeBytes();
        try (DurableLog log = open(directory, SMALL_CHUNKS)) {
            log.recover(THREE);
            write(log, append(List.of(Entry.membership(1, 1, FOUR))));
            write(log, append(commands(2, 50, 1)), append(commands(51, 60, 2)));
        }
        try (DurableLog log = open(directory, SMALL_CHUNKS.withTailBytes(15 * bytes))) {
            Recovered recovered = log.recover(THREE);

            assertEquals(15, recovered.tail().size());
            assertEquals(46, recovered.tail().get(0).index());
            assertEquals(60, recovered.lastIndex());
            assertEquals(1, recovered.membershipEntries().size());
            assertEquals(List.of(new TermRun(1, 1), new TermRun(51, 2)), recovered.termRuns());
        }
        try (DurableLog log = open(directory, SMALL_CHUNKS.withTailBytes(0))) {
            assertEquals(List.of(), log.recover(THREE).tail());
        }
    }

    @Test
    void groupsOfOneStoreDoNotSeeEachOther() throws IOException {
        try (RocksDbLogStore store = RocksDbLogStore.open(directory, RocksDbLogOptions.DEFAULTS)) {
            // Neighbours in the order of keys, the largest and the smallest included.
            long[] groups = {0, 1, 2, Long.MAX_VALUE, Long.MIN_VALUE, -1};
            for (long group : groups) {
                DurableLog log = store.group(group);
                assertEquals(1, log.recover(THREE).incarnation());
                write(log, append(commands(1, 5, 1 + Math.floorMod(group, 3))), vote(5, "n1"));
            }
            DurableLog one = store.group(77);
            one.recover(THREE);
            write(one, append(commands(1, 3, 9)));
            write(one, reset(meta(50, 9)));
            one.close();
            for (long group : groups) {
                assertThrows(IllegalStateException.class, () -> store.group(group));
            }
        }
        try (RocksDbLogStore store = RocksDbLogStore.open(directory, RocksDbLogOptions.DEFAULTS)) {
            for (long group : new long[] {0, 1, 2, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
                Recovered recovered = store.group(group).recover(THREE);
                assertEquals(2, recovered.incarnation());
                assertEquals(commands(1, 5, 1 + Math.floorMod(group, 3)), recovered.tail());
            }
            assertEquals(50, store.group(77).recover(THREE).lastIndex());
        }
    }

    @Test
    void aWriteThatBreaksTheLogIsRefusedAndEndsAllWriting() throws IOException {
        try (DurableLog log = open(directory)) {
            log.recover(THREE);
            write(log, append(commands(1, 5, 2)));

            assertThrows(IllegalArgumentException.class, () -> write(log, vote(9, "n1"), append(commands(7, 8, 2))));
            assertFails(IOException.class, "start the node again", () -> write(log, append(commands(6, 6, 2))));
        }
        try (DurableLog log = open(directory)) {
            Recovered recovered = log.recover(THREE);
            assertEquals(HardState.INITIAL, recovered.hardState());
            assertEquals(commands(1, 5, 2), recovered.tail());
            for (var wrong : List.of(append(commands(6, 6, 1)), compact(meta(6, 2)), compact(meta(4, 3)))) {
                assertThrows(Exception.class, () -> write(log, wrong));
            }
        }
    }

    @Test
    void persistsThatWriteNothingDoNotTouchTheDisk() throws IOException {
        try (DurableLog log = open(directory)) {
            log.recover(THREE);
            write(log, vote(1, "n1"));
            long bytes = Files.size(Logs.walFiles(directory).get(0));

            write(log, append(List.of()), append(List.of()));
            log.write(List.of());

            assertEquals(bytes, Files.size(Logs.walFiles(directory).get(0)));
        }
    }

    @Test
    void aClosedLogSaysSo() throws IOException {
        DurableLog log = open(directory);
        log.recover(THREE);
        write(log, append(commands(1, 2, 1)));
        log.close();
        log.close();

        assertFails(IOException.class, "closed", () -> log.read(1, 2, 100));
        assertFails(IOException.class, "closed", () -> write(log, vote(2, null)));
    }
}
