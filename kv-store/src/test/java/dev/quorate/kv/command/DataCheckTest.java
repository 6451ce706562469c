package dev.quorate.kv.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quorate.kv.api.AlarmRequest;
import dev.quorate.kv.api.AlarmRequest.AlarmAction;
import dev.quorate.kv.api.AlarmType;
import dev.quorate.kv.auth.AuthStore;
import dev.quorate.kv.auth.SimpleTokens;
import dev.quorate.kv.command.DataCheck.Answer;
import dev.quorate.kv.command.DataCheck.Question;
import dev.quorate.kv.command.DataCheck.Round;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.StoreOptions;
import dev.quorate.raft.model.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataCheckTest {

    private static final Answer RIGHT = new Answer(7, 3, 1);
    private static final Answer WRONG = new Answer(7, 3, 2);

    @TempDir
    private Path root;

    private final List<Question> questions = new ArrayList<>();
    private MvccStore store;
    private KvStateMachine machine;

    @BeforeEach
    void open() throws IOException {
        store = MvccStore.open(root.resolve("store"), StoreOptions.defaults());
        machine = machine();
    }

    private KvStateMachine machine() {
        KvStateMachine opened =
                new KvStateMachine(store, new AuthStore(store, new SimpleTokens(System::nanoTime, () -> 0)), 1);
        opened.check().listen(questions::add);
        return opened;
    }

    @AfterEach
    void close() {
        machine.close();
    }

    private void apply(byte[] command) {
        machine.apply(List.of(Entry.command(machine.appliedIndex() + 1, 1, command)));
    }

    private void begin() {
        apply(Command.of(Command.Kind.CHECK, 1, new byte[0]));
    }

    @Test
    void aCheckIsAnsweredOnceByEachMemberAndReplacedByTheNextOne() {
        begin();
        Question first = new Question(1, store.state().revision(), store.state().compacted());
        assertEquals(List.of(first), questions);
        apply(DataCheck.answer(1, first, 5));
        apply(DataCheck.answer(2, first, 6));
        assertEquals(
                new Round(
                        1,
                        Map.of(
                                1L, new Answer(first.revision(), first.compacted(), 5),
                                2L, new Answer(first.revision(), first.compacted(), 6))),
                machine.check().round());

        begin();
        apply(DataCheck.answer(3, first, 5)); // too late

        assertEquals(new Round(4, Map.of()), machine.check().round());
    }

    @Test
    void aCheckSurvivesARestartAndASnapshotAndIsNotAskedAgain() throws IOException {
        begin();
        apply(DataCheck.answer(0x8000_0000_0000_0001L, questions.get(0), 5));
        Round before = machine.check().round();
        Path copy = Files.createDirectory(root.resolve("copy"));
        machine.snapshot(copy);
        machine.close();
        open();
        assertEquals(before, machine.check().round());

        begin();
        machine.restore(copy, 2);

        assertEquals(before, machine.check().round());
        assertEquals(2, questions.size());
    }

    @Test
    void theAlarmEndsTheCheckSoThatWhoTakesItBackIsNotToldAgain() {
        begin();
        apply(DataCheck.answer(1, questions.get(0), 5));
        AlarmRequest alarm = AlarmRequest.newBuilder()
                .setAction(AlarmAction.ACTIVATE)
                .setAlarm(AlarmType.CORRUPT)
                .setMemberID(1)
                .build();

        apply(Command.of(Command.Kind.ALARM, 1, alarm.toByteArray()));

        assertEquals(0, machine.check().round().index());
        assertEquals(
                Set.of(),
                Set.copyOf(
                        store.named().keySet().stream().filter(DataCheck::isRow).toList()));
    }

    @Test
    void whoeverDiffersFromMoreThanHalfIsWrongAndAllAreIfNobodyIsMoreThanHalf() {
        assertEquals(Set.of(), new Round(1, Map.of()).deviants());
        assertEquals(Set.of(), new Round(1, Map.of(1L, RIGHT, 2L, RIGHT)).deviants());
        assertEquals(Set.of(3L), new Round(1, Map.of(1L, RIGHT, 2L, RIGHT, 3L, WRONG)).deviants());
        assertEquals(Set.of(1L, 2L), new Round(1, Map.of(1L, RIGHT, 2L, WRONG)).deviants());
        assertEquals(Set.of(2L), new Round(1, Map.of(1L, RIGHT, 2L, new Answer(8, 3, 1), 3L, RIGHT)).deviants());
    }
}
