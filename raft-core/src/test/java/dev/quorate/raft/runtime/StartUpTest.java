package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.Persist;
import dev.quorate.raft.RaftConfig;
import dev.quorate.raft.WriteMark;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way in which log, snapshot and state machine can be found after a crash. */
final class StartUpTest {

    private static final NodeId N1 = NodeId.of("n1");
    private static final Membership FIRST = Membership.of(List.of(N1));
    private static final Membership SECOND = Membership.of(List.of(N1, NodeId.of("n2")));
    private static final Membership THIRD = Membership.of(List.of(N1, NodeId.of("n2"), NodeId.of("n3")));

    @TempDir
    Path directory;

    private final InMemoryLog log = new InMemoryLog();
    private final Durable machine = new Durable();
    private SnapshotStore store;

    @BeforeEach
    void openTheStore() throws IOException {
        store = SnapshotStore.open(directory);
    }

    /** A state machine that knows nothing but where it stands. */
    private static final class Durable implements StateMachine<String> {
        long appliedIndex;
        int restored;

        @Override
        public long appliedIndex() {
            return appliedIndex;
        }

        @Override
        public List<String> apply(List<Entry> entries) {
            throw new AssertionError("nothing is applied at start");
        }

        @Override
        public void snapshot(Path target) {
            throw new AssertionError("no snapshot is taken at start");
        }

        @Override
        public void restore(Path source, long index) throws IOException {
            assertEquals(String.valueOf(index), Files.readString(source.resolve("state")));
            appliedIndex = index;
            restored++;
        }

        @Override
        public void close() {}
    }

    private void write(Persist persist) throws IOException {
        log.recover(FIRST);
        log.write(List.of(persist));
    }

    /** A log that starts after {@code base} and has entries of one term up to {@code last}. */
    private void logFrom(SnapshotMeta base, long last, long term) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (long index = base.index() + 1; index <= last; index++) {
            entries.add(index == 7 ? Entry.membership(index, term, SECOND) : Entry.command(index, term, new byte[0]));
        }
        SnapshotMeta resetTo = base.index() == 0 ? null : base;
        write(new Persist(new HardState(9, null), entries, resetTo, null, new WriteMark(1, last), List.of()));
    }

    private static SnapshotMeta at(long index, long term, Membership members) {
        return new SnapshotMeta(new EntryId(index, term), members);
    }

    private static SnapshotMeta origin() {
        return new SnapshotMeta(EntryId.ZERO, FIRST);
    }

    private void snapshot(SnapshotMeta meta) throws IOException {
        SnapshotStore.Draft draft = store.draft();
        Files.writeString(draft.files().resolve("state"), String.valueOf(meta.index()));
        store.commit(draft, meta);
    }

    private StartUp start() throws IOException {
        RaftNode.Options options = RaftNode.Options.of(RaftConfig.of(N1, 1), FIRST, directory);
        return StartUp.run(options, log, store, machine);
    }

    private void refuses(String because) {
        IOException refusal = assertThrows(IOException.class, this::start);
        assertTrue(String.valueOf(refusal.getMessage()).contains(because), refusal::getMessage);
    }

    @Test
    void aNewNodeStartsFromNothing() throws IOException {
        StartUp start = start();

        assertEquals(origin(), start.applied());
        assertEquals(1, start.recovered().incarnation());
        assertNull(start.snapshot());
    }

    @Test
    void theTermAndTheMembershipAreThoseOfTheAppliedIndexNotTheNewest() throws IOException {
        logFrom(origin(), 10, 4);
        machine.appliedIndex = 6;
        assertEquals(at(6, 4, FIRST), start().applied());

        machine.appliedIndex = 7;
        assertEquals(at(7, 4, SECOND), start().applied());
    }

    @Test
    void aStateMachineInMemoryGetsTheSnapshotAndTheLogStays() throws IOException {
        logFrom(at(5, 4, FIRST), 12, 4);
        snapshot(at(8, 4, SECOND));

        StartUp start = start();

        assertEquals(1, machine.restored);
        assertEquals(at(8, 4, SECOND), start.applied());
        assertEquals(12, start.recovered().lastIndex());
        assertEquals(5, start.recovered().base().index());
        assertEquals(at(8, 4, SECOND), start.snapshot());
    }

    @Test
    void aStateMachineThatIsAsFarAsTheSnapshotIsLeftAlone() throws IOException {
        logFrom(at(5, 4, FIRST), 12, 4);
        snapshot(at(8, 4, SECOND));
        machine.appliedIndex = 9;

        assertEquals(at(9, 4, SECOND), start().applied());
        assertEquals(0, machine.restored);
    }

    @Test
    void aCrashAfterTheFetchIsCaughtUpWithFromTheStoredSnapshot() throws IOException {
        logFrom(origin(), 10, 4);
        machine.appliedIndex = 9;
        snapshot(at(50, 6, THIRD));

        StartUp start = start();

        assertEquals(50, machine.appliedIndex);
        assertEquals(at(50, 6, THIRD), start.recovered().base());
        assertEquals(50, start.recovered().lastIndex());
        assertEquals(51, log.firstIndex());
    }

    @Test
    void aCrashAfterTheRestoreIsCaughtUpWithByResettingTheLog() throws IOException {
        logFrom(origin(), 10, 4);
        snapshot(at(50, 6, THIRD));
        machine.appliedIndex = 50;

        StartUp start = start();

        assertEquals(0, machine.restored);
        assertEquals(at(50, 6, THIRD), start.recovered().base());
        assertEquals(new HardState(9, null), start.recovered().hardState());
        assertEquals(51, log.firstIndex());
        assertEquals(at(50, 6, THIRD), start().recovered().base(), "and it stays so");
    }

    @Test
    void aLongerLogThatContradictsTheSnapshotIsReset() throws IOException {
        logFrom(origin(), 60, 4); // term 4 at 50 was never committed: the snapshot says term 6
        snapshot(at(50, 6, THIRD));
        machine.appliedIndex = 50;

        StartUp start = start();

        assertEquals(50, start.recovered().lastIndex());
        assertEquals(at(50, 6, THIRD), start.applied());
    }

    @Test
    void withoutTheSnapshotALogThatStartsLaterIsOfNoUse() throws IOException {
        logFrom(at(5, 4, FIRST), 12, 4);

        refuses("there is no whole snapshot");
    }

    @Test
    void aStateMachineAheadOfItsLogIsRefused() throws IOException {
        logFrom(origin(), 10, 4);
        machine.appliedIndex = 11;

        refuses("the log ends at 10");
    }

    @Test
    void aLogThatIsOlderThanTheSnapshotHasForgottenVotes() throws IOException {
        snapshot(at(50, 6, THIRD));

        refuses("the log was lost");
        refuses("the log was lost");
        assertEquals(0, machine.restored);
    }

    @Test
    void aStateMachineThatWentPastAContradictionIsRefused() throws IOException {
        logFrom(origin(), 60, 4);
        snapshot(at(50, 6, THIRD));
        machine.appliedIndex = 55;

        refuses("contradicts the log");
    }
}
