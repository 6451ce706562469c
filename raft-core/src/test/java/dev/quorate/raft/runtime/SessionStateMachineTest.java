package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.session.SessionCommand;
import dev.quorate.raft.session.SessionRefusal;
import dev.quorate.raft.session.SessionTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionStateMachineTest {

    static final AnswerCodec<String> TEXT = new AnswerCodec<>() {
        @Override
        public byte[] encode(String answer) {
            return answer.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String decode(byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    };

    private static final SessionCommand OPEN = new SessionCommand.Open(60_000, 4, 100);

    @TempDir
    Path directory;

    private static Entry entry(long index, SessionCommand command) {
        return Entry.command(index, 1, command.encode());
    }

    private static Entry add(long index, long sequence, String text) {
        return entry(index, new SessionCommand.Apply(1, sequence, 1, TEXT.encode(text)));
    }

    private static List<Entry> log() {
        return List.of(
                entry(1, OPEN),
                add(2, 1, "a"),
                add(3, 1, "a"),
                Entry.noOp(4, 1),
                add(5, 2, "b"),
                add(6, 1, "a"),
                entry(7, new SessionCommand.Plain(TEXT.encode("c"))),
                entry(8, new SessionCommand.Close(1)),
                add(9, 2, "b"));
    }

    @Test
    void theSameEntriesAreAnsweredAlikeInBatchesOfAnySize() {
        Ledger oneByOne = new Ledger();
        Ledger atOnce = new Ledger();
        SessionStateMachine<String> first = SessionStateMachine.of(oneByOne, TEXT);
        List<SessionAnswer<String>> answers = new ArrayList<>();

        for (Entry entry : log()) {
            answers.addAll(first.apply(List.of(entry)));
        }

        assertEquals(answers, SessionStateMachine.of(atOnce, TEXT).apply(log()));
        assertEquals(List.of("a", "b", "c"), oneByOne.commands());
        assertEquals(List.of("a", "b", "c"), atOnce.commands());
        assertEquals(new SessionAnswer.Applied<>("1:a", false), answers.get(1));
        assertEquals(new SessionAnswer.Applied<>("1:a", true), answers.get(2));
        assertEquals(new SessionAnswer.Refused<>(SessionRefusal.EXPIRED), answers.get(8));
    }

    @Test
    void aSnapshotRemembersWhatWasApplied() throws IOException {
        SessionStateMachine<String> before = SessionStateMachine.of(new Ledger(), TEXT);
        before.apply(log().subList(0, 2));
        before.snapshot(directory);
        Ledger restored = new Ledger();
        SessionStateMachine<String> after = SessionStateMachine.of(restored, TEXT);

        after.restore(directory, 2);

        assertEquals(List.of(new SessionAnswer.Applied<>("1:a", true)), after.apply(log().subList(2, 3)));
        assertEquals(List.of("a"), restored.commands());
    }

    @Test
    void aStateMachineThatKeepsFilesWritesTheSessionsWithTheEffects() {
        Files files = new Files();
        SessionStateMachine.of(files, TEXT).apply(log().subList(0, 5));

        // A crash: whatever was written is there, and nothing else.
        List<SessionAnswer<String>> answers =
                SessionStateMachine.of(files, TEXT).apply(log().subList(5, 6));

        assertEquals(List.of(new SessionAnswer.Applied<>("1:a", true)), answers);
        assertEquals(List.of("a", "b"), files.commands);
    }

    @Test
    void aStateMachineThatKeepsFilesAndForgetsTheSessionsStopsTheNode() {
        Files files = new Files();
        files.isForgetful = true;
        SessionStateMachine<String> machine = SessionStateMachine.of(files, TEXT);

        assertThrows(IllegalStateException.class, () -> machine.apply(log()));
    }

    /** Stands for a database: each batch is one atomic write. */
    private static final class Files implements SessionKeeping<String> {
        final List<String> commands = new ArrayList<>();
        private final TreeMap<Long, byte[]> records = new TreeMap<>();
        private long applied;
        boolean isForgetful;

        @Override
        public List<SessionTable.Change> sessionRecords() {
            return records.entrySet().stream()
                    .map(each -> new SessionTable.Change(each.getKey(), each.getValue()))
                    .toList();
        }

        @Override
        @SuppressWarnings("NullAway") // null stands for "no command"
        public List<String> apply(List<Entry> entries, Function<List<String>, List<SessionTable.Change>> changes) {
            List<String> results = new ArrayList<>();
            List<String> added = new ArrayList<>(commands);
            for (Entry entry : entries) {
                if (entry.type() == Entry.Type.COMMAND) {
                    added.add(TEXT.decode(entry.payload()));
                    results.add(added.size() + ":" + TEXT.decode(entry.payload()));
                } else {
                    results.add(null);
                }
            }
            if (!isForgetful) {
                for (SessionTable.Change change : changes.apply(results)) {
                    byte[] value = change.value();
                    if (value == null) {
                        records.remove(change.key());
                    } else {
                        records.put(change.key(), value);
                    }
                }
            }
            commands.clear();
            commands.addAll(added);
            applied = entries.get(entries.size() - 1).index();
            return results;
        }

        @Override
        public long appliedIndex() {
            return applied;
        }

        @Override
        public void snapshot(Path directory) {}

        @Override
        public void restore(Path directory, long appliedIndex) {}

        @Override
        public void close() {}
    }
}
