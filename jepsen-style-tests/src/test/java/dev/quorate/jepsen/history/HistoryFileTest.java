package dev.quorate.jepsen.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class HistoryFileTest {

    @Test
    void whatIsReadIsWhatWasWritten(@TempDir Path directory) throws IOException {
        // given one of everything
        Path file = directory.resolve("history.jsonl");
        List<Operation> operations = List.of(
                operation(Outcome.OK, 7, null, new Step.Read("k", Seen.ABSENT), new Step.Read("l", new Seen("1", 5))),
                operation(Outcome.OK, 8, null, new Step.Put("k", "2", null), new Step.Put("l", "3", Seen.ABSENT)),
                operation(Outcome.OK, 9, null, new Step.Delete("k", new Seen("2", 8))),
                operation(Outcome.OK, 10, null, new Step.Cas("k", null, "4", true, null)),
                operation(Outcome.OK, 10, null, new Step.Cas("k", "9", "5", false, new Seen("4", 10))),
                operation(Outcome.UNKNOWN, 0, "deadline \"exceeded\"\n", new Step.Cas("k", "4", "6", null, null)),
                operation(Outcome.FAIL, 0, "no leader", new Step.Delete("k", null)));
        List<NemesisEvent> nemeses = List.of(new NemesisEvent("kill", "leader", List.of("n1", "n2"), 5, 6));

        // when
        try (HistoryWriter writer = new HistoryWriter(file)) {
            operations.forEach(writer::append);
            nemeses.forEach(writer::append);
        }

        // then
        assertEquals(new History(operations, nemeses), HistoryReader.read(file));
    }

    private static Operation operation(Outcome outcome, long revision, @Nullable String error, Step... steps) {
        return new Operation(3, "n1", 10, 20, outcome, revision, List.of(steps), error);
    }

    @Test
    void aLineThatIsNoneOfOursIsNamed(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("history.jsonl");
        Files.writeString(file, "{\"type\":\"op\",\"process\":1}\n");

        IOException refusal = assertThrows(IOException.class, () -> HistoryReader.read(file));

        assertTrue(refusal.toString().contains("line 1"), refusal::toString);
    }
}
