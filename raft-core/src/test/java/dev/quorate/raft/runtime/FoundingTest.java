package dev.quorate.raft.runtime;

import static dev.quorate.raft.runtime.TestGroup.N1;
import static dev.quorate.raft.runtime.TestGroup.N2;
import static dev.quorate.raft.runtime.TestGroup.N3;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A group that begins with a state. */
final class FoundingTest {

    private static final NodeId N4 = NodeId.of("n4");
    private static final Membership THREE = Membership.of(List.of(N1, N2, N3));
    private static final List<String> BEFORE = List.of("kept", "elsewhere", "until now");

    @TempDir
    Path directory;

    private static Ledger holding(List<String> commands) {
        Ledger ledger = new Ledger();
        commands.forEach(command -> ledger.apply(command.getBytes(StandardCharsets.UTF_8)));
        return ledger;
    }

    private RaftNode.Options options(NodeId id, Membership members) {
        return RaftNode.Options.of(id, members, directory.resolve(id.value()));
    }

    private SnapshotMeta found(NodeId id, DurableLog log) throws IOException {
        return RaftNode.found(options(id, THREE), log, holding(BEFORE));
    }

    @Test
    void itGoesOnFromTheStateItWasFoundedWith() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3)) {
            for (NodeId id : List.of(N1, N2, N3)) {
                assertEquals(new SnapshotMeta(new EntryId(1, 1), THREE), found(id, group.disk(id)));
            }
            group.startAll();
            List<String> expected = new ArrayList<>(BEFORE);

            expected.addAll(group.putAll("after", 3));

            for (NodeId id : List.of(N1, N2, N3)) {
                group.awaitLedger(id, expected);
            }
        }
    }

    @Test
    void whatFollowsSurvivesAPowerFailureOfAllMembers() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3)) {
            for (NodeId id : List.of(N1, N2, N3)) {
                found(id, group.disk(id));
            }
            group.startAll();
            List<String> expected = new ArrayList<>(BEFORE);
            expected.addAll(group.putAll("after", 3));
            group.disks.values().forEach(InMemoryLog::crash);
            for (NodeId id : List.of(N1, N2, N3)) {
                group.stop(id);
            }

            group.startAll();

            expected.add("again");
            group.put("again");
            for (NodeId id : List.of(N1, N2, N3)) {
                group.awaitLedger(id, expected);
            }
        }
    }

    @Test
    void whoJoinsLaterGetsTheStateToo() throws IOException {
        try (TestGroup group = TestGroup.of(directory, N1, N2, N3)) {
            for (NodeId id : List.of(N1, N2, N3)) {
                found(id, group.disk(id));
            }
            group.startAll();
            group.put("after");
            group.join(N4);

            Await.value(group.node(group.leader())
                    .changeMembership(MembershipChange.of(new MembershipChange.AddLearner(N4, ""))));

            group.awaitLedger(N4, List.of("kept", "elsewhere", "until now", "after"));
        }
    }

    @Test
    void itIsFoundedInNewDirectoriesOnly() throws IOException {
        InMemoryLog log = new InMemoryLog();
        found(N1, log);

        IOException again = assertThrows(IOException.class, () -> found(N1, log));
        IOException besideSnapshots = assertThrows(IOException.class, () -> found(N1, new InMemoryLog()));

        assertTrue(String.valueOf(again.getMessage()).contains("of a member that has run"), again::getMessage);
        assertTrue(
                String.valueOf(besideSnapshots.getMessage()).contains("of a member that has run"), again::getMessage);
    }

    @Test
    void aGroupNeedsVoters() {
        assertThrows(
                IllegalArgumentException.class,
                () -> RaftNode.found(options(N1, Membership.EMPTY), new InMemoryLog(), holding(BEFORE)));
    }

    @Test
    void aFoundingThatWasCutShortIsNoMember() throws IOException {
        InMemoryLog disk = new InMemoryLog();
        assertThrows(IOException.class, () -> found(N1, new FailingLog(disk, 0)));

        IOException refusal = assertThrows(
                IOException.class,
                () -> RaftNode.start(options(N1, THREE), disk, new InMemoryNetwork().transport(N1), new Ledger()));

        assertTrue(String.valueOf(refusal.getMessage()).contains("the log was lost"), refusal::getMessage);
    }

    @Test
    void aStateThatCannotBeWrittenFoundsNothing() throws IOException {
        InMemoryLog log = new InMemoryLog();
        Ledger full = holding(BEFORE);
        full.failToSave(true);
        assertThrows(IOException.class, () -> RaftNode.found(options(N1, THREE), log, full));

        full.failToSave(false);

        assertEquals(1, RaftNode.found(options(N1, THREE), log, full).index());
    }
}
