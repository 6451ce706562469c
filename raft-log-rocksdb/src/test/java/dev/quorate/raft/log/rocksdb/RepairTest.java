package dev.quorate.raft.log.rocksdb;

import static dev.quorate.raft.log.rocksdb.Logs.GROUP;
import static dev.quorate.raft.log.rocksdb.Logs.THREE;
import static dev.quorate.raft.log.rocksdb.Logs.append;
import static dev.quorate.raft.log.rocksdb.Logs.assertFails;
import static dev.quorate.raft.log.rocksdb.Logs.commands;
import static dev.quorate.raft.log.rocksdb.Logs.edit;
import static dev.quorate.raft.log.rocksdb.Logs.open;
import static dev.quorate.raft.log.rocksdb.Logs.readAll;
import static dev.quorate.raft.log.rocksdb.Logs.vote;
import static dev.quorate.raft.log.rocksdb.Logs.walFiles;
import static dev.quorate.raft.log.rocksdb.Logs.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.Persist;
import dev.quorate.raft.WriteMark;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.runtime.DurableLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged log is set aside; what the member promised is not forgotten, and that it is damaged neither. */
class RepairTest {

    private static final RocksDbLogOptions OPTIONS = RocksDbLogOptions.DEFAULTS
            .withMemtableBytes(64 << 10)
            .withTailBytes(1_000)
            .withRepairFromPeers(true);

    private static final HardState PROMISED = new HardState(5, NodeId.of("n2"));

    @TempDir
    Path directory;

    private Path live;
    private boolean startedAnew;

    @BeforeEach
    void aLogWithAVoteAndEntries() throws IOException {
        live = directory.resolve("live");
        try (DurableLog log = open(live, OPTIONS)) {
            log.recover(THREE);
            write(log, vote(4, "n1"));
            write(log, append(commands(1, 100, 4)));
            write(log, vote(5, "n2"));
            write(log, append(commands(101, 120, 5)));
        }
    }

    private void damageTheWriteAheadFile() throws IOException {
        edit(walFiles(live).get(0), bytes -> {
            bytes[200] ^= 0x20; // of the entries; what follows was acknowledged
            return bytes;
        });
    }

    private void damageTheLargestTable() throws IOException {
        Path table = Logs.files(live, ".sst").stream()
                .max(Comparator.comparingLong(file -> file.toFile().length()))
                .orElseThrow();
        edit(table, bytes -> {
            bytes[bytes.length / 2] ^= 0x40; // neither the first entries nor the last, which a start reads
            return bytes;
        });
    }

    private static Persist repaired() {
        return new Persist(null, List.of(), null, null, true, new WriteMark(1, 0), List.of());
    }

    private Recovered recover() throws IOException {
        try (DurableLog log = open(live, OPTIONS)) {
            boolean anew = log.startsAnew();
            Recovered recovered = log.recover(THREE);
            assertTrue(!anew || (recovered.damaged() && recovered.lastIndex() == 0));
            startedAnew = anew;
            return recovered;
        }
    }

    @Test
    void aWholeLogIsLeftAlone() throws IOException {
        Recovered recovered = recover();

        assertFalse(recovered.damaged());
        assertEquals(120, recovered.lastIndex());
        assertEquals(PROMISED, recovered.hardState());
        assertFalse(Files.exists(live.resolve("db.damaged")));
    }

    @Test
    void aDamagedOneIsSetAsideAndTermVoteAndLifeAreKept() throws IOException {
        damageTheWriteAheadFile();

        Recovered recovered = recover();

        assertTrue(recovered.damaged());
        assertTrue(startedAnew, "a state machine's files are ahead of it");
        assertEquals(PROMISED, recovered.hardState());
        assertEquals(2, recovered.incarnation());
        assertEquals(0, recovered.lastIndex());
        assertEquals(THREE, recovered.base().membership());
        assertTrue(Files.exists(live.resolve("db.damaged")), "for whoever wants to look");
    }

    @Test
    void itStaysDamagedOverRestartsUntilTheCoreSaysThatItIsRepaired() throws IOException {
        damageTheWriteAheadFile();
        recover();
        assertTrue(recover().damaged());
        assertFalse(startedAnew, "what a state machine has made since fits the log");
        try (DurableLog log = open(live, OPTIONS)) {
            assertTrue(log.recover(THREE).damaged());
            write(log, append(commands(1, 120, 4)));
            write(log, vote(6, null));
        }
        Recovered half = recover();
        assertTrue(half.damaged());
        assertEquals(120, half.lastIndex());
        assertEquals(new HardState(6, null), half.hardState());
        try (DurableLog log = open(live, OPTIONS)) {
            log.recover(THREE);
            write(log, repaired());
        }

        assertFalse(recover().damaged());
    }

    @Test
    void withoutTheOptionNothingIsTouched() throws IOException {
        damageTheWriteAheadFile();

        assertFails(
                CorruptLogException.class,
                "lost acknowledged writes",
                () -> open(live, OPTIONS.withRepairFromPeers(false)).close());

        assertFalse(Files.exists(live.resolve("db.damaged")));
    }

    @Test
    void aMemberWhosePromisesAreLostTooIsNotRepaired() throws IOException {
        damageTheWriteAheadFile();
        edit(live.resolve("PROMISES-" + GROUP), bytes -> new byte[bytes.length]);

        assertFails(
                CorruptLogException.class,
                "lost acknowledged writes",
                () -> open(live, OPTIONS).close());
        assertFalse(Files.exists(live.resolve("db.damaged")));
    }

    @Test
    void theOnlyMemberOfAGroupHasNobodyToGetItsLogFrom() throws IOException {
        damageTheWriteAheadFile();

        try (DurableLog log = open(live, OPTIONS)) {
            assertFails(
                    CorruptLogException.class,
                    "db.damaged",
                    () -> log.recover(Membership.of(List.of(NodeId.of("n1")))));
        }
    }

    @Test
    void aDatabaseThatIsGoneIsDamageAndNoNewMember() throws IOException {
        Logs.removeAll(live.resolve("db"));
        Files.delete(live.resolve("ACKNOWLEDGED"));

        assertTrue(recover().damaged());
    }

    @Test
    void aCrashBetweenAnyTwoStepsOfSettingAsideIsGoneOnFrom() throws IOException {
        damageTheWriteAheadFile();
        Path mark = live.resolve("DAMAGED");
        Files.writeString(mark, "found before the crash");
        Files.move(live.resolve("db"), live.resolve("db.damaged"));
        assertTrue(recover().damaged(), "before the mark of what was acknowledged is deleted");
        assertFalse(Files.exists(mark));

        Files.writeString(mark, "found before another crash");
        assertTrue(recover().damaged(), "before the database is moved: the new one goes the same way");
        assertFalse(Files.exists(mark));
        assertTrue(Files.exists(live.resolve("db.damaged")) && Files.exists(live.resolve("db.damaged-2")));
    }

    @Test
    void damageThatIsFoundWhenItIsReadIsRememberedForTheNextStart() throws IOException {
        byte[] large = new byte[40_000];
        new Random(1).nextBytes(large); // so that it is not compressed away
        try (DurableLog log = open(live, OPTIONS)) {
            log.recover(THREE);
            for (long index = 121; index <= 140; index++) {
                write(log, append(List.of(Entry.command(index, 5, large))));
            }
        }
        damageTheLargestTable();
        try (DurableLog log = open(live, OPTIONS)) {
            assertFalse(log.recover(THREE).damaged(), "a start reads the tail only");
            assertFails(DurableLog.DamagedException.class, "", () -> readAll(log, 1, 140));
        }

        assertTrue(recover().damaged());
    }

    @Test
    void aFlippedByteAnywhereIsHarmlessOrRepairedAndNoVoteIsForgotten() throws IOException {
        Random random = new Random(5);
        int repaired = 0;
        for (int round = 0; round < 60; round++) {
            Path copy = Logs.copy(live, directory.resolve("copy"));
            List<Path> files;
            try (Stream<Path> all = Files.walk(copy)) {
                files = all.filter(file ->
                                Files.isRegularFile(file) && file.toFile().length() > 0)
                        .filter(file -> !file.endsWith("FORMAT")) // whose directory this is, must be known
                        .sorted()
                        .toList();
            }
            Path file = files.get(random.nextInt(files.size()));
            int at = random.nextInt((int) Files.size(file));
            byte flip = (byte) (1 << random.nextInt(8));
            edit(file, bytes -> {
                bytes[at] ^= flip;
                return bytes;
            });
            try (DurableLog log = open(copy, OPTIONS)) {
                Recovered recovered = log.recover(THREE);
                String where = "byte " + at + " of " + file;
                assertEquals(PROMISED, recovered.hardState(), where);
                assertEquals(recovered.damaged() ? 0 : 120, recovered.lastIndex(), where);
                repaired += recovered.damaged() ? 1 : 0;
            }
            Logs.removeAll(copy);
        }
        assertTrue(repaired > 5, "repaired " + repaired);
    }

    @Test
    void aLogThatCannotRepairItselfFailsTheReadAndForgetsIt() throws IOException {
        byte[] large = new byte[40_000];
        new Random(1).nextBytes(large);
        RocksDbLogOptions alone = OPTIONS.withRepairFromPeers(false);
        try (DurableLog log = open(live, alone)) {
            log.recover(THREE);
            for (long index = 121; index <= 140; index++) {
                write(log, append(List.of(Entry.command(index, 5, large))));
            }
        }
        damageTheLargestTable();
        for (int start = 0; start < 2; start++) {
            try (DurableLog log = open(live, alone)) {
                log.recover(THREE);
                assertFails(CorruptLogException.class, "", () -> readAll(log, 1, 140));
            }
        }
        assertFalse(Files.exists(live.resolve("DAMAGED")));
    }

    // ---- promises -------------------------------------------------------------------------------------------------

    @Test
    void rotInEitherPlaceForgetsNothing() throws IOException {
        try (StoreDirectory ours = StoreDirectory.open(directory.resolve("promises"))) {
            Promises promises = Promises.open(ours, GROUP);
            assertNull(promises.newest());
            promises.write(1, new HardState(1, null));
            promises.write(1, PROMISED);

            for (int at : new int[] {10, 2_048 + 10}) {
                edit(ours.promises(GROUP), bytes -> {
                    bytes[at] ^= 1;
                    return bytes;
                });
                assertEquals(PROMISED, newest(ours));
                edit(ours.promises(GROUP), bytes -> {
                    bytes[at] ^= 1;
                    return bytes;
                });
            }
        }
    }

    @Test
    void aWriteThatIsTornInEitherPlaceLeavesTheOldOrTheNewOne() throws IOException {
        try (StoreDirectory ours = StoreDirectory.open(directory.resolve("promises"))) {
            Promises promises = Promises.open(ours, GROUP);
            HardState before = new HardState(1, NodeId.of("n1"));
            promises.write(1, before);
            byte[] old = Files.readAllBytes(ours.promises(GROUP));
            promises.write(1, PROMISED);
            byte[] fresh = Files.readAllBytes(ours.promises(GROUP));
            assertEquals(old.length, fresh.length);

            for (int written = 0; written <= fresh.length; written++) {
                byte[] torn = old.clone();
                System.arraycopy(fresh, 0, torn, 0, written);
                Files.write(ours.promises(GROUP), torn);
                HardState found = newest(ours);
                assertTrue(found.equals(before) || found.equals(PROMISED), written + " bytes: " + found);
            }
        }
    }

    @Test
    void aMemberThatDiedInItsFirstStartIsNew() throws IOException {
        Path first = directory.resolve("first");
        open(first, OPTIONS).close();
        try (StoreDirectory ours = StoreDirectory.open(first)) {
            Promises.open(ours, GROUP).write(1, HardState.INITIAL);
        }

        try (DurableLog log = open(first, OPTIONS)) {
            assertFalse(log.startsAnew());
            assertFalse(log.recover(Membership.of(List.of(NodeId.of("n1")))).damaged());
        }
    }

    @Test
    void aVoteThatTheDatabaseLostUnnoticedIsKnown() throws IOException {
        HardState later = new HardState(6, NodeId.of("n3"));
        try (StoreDirectory ours = StoreDirectory.open(live)) {
            Promises.open(ours, GROUP).write(1, later);
        }

        assertEquals(later, recover().hardState());
        Files.delete(live.resolve("PROMISES-" + GROUP));
        assertEquals(later, recover().hardState(), "in the database too now");
    }

    private static HardState newest(StoreDirectory ours) throws IOException {
        Promises.Promise newest = Promises.open(ours, GROUP).newest();
        return newest == null ? HardState.INITIAL : newest.hardState();
    }
}
