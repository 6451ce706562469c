package dev.quorate.jepsen.checker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.jepsen.history.History;
import dev.quorate.jepsen.history.Operation;
import dev.quorate.jepsen.history.Outcome;
import dev.quorate.jepsen.history.Seen;
import dev.quorate.jepsen.history.Step;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class RevisionCheckerTest {

    private final List<Operation> operations = new ArrayList<>();

    private void add(long from, long to, Outcome outcome, long revision, Step... steps) {
        operations.add(new Operation(operations.size(), "n1", from, to, outcome, revision, List.of(steps), null));
    }

    private void ok(long from, long to, long revision, Step... steps) {
        add(from, to, Outcome.OK, revision, steps);
    }

    private static Step put(String key, String value) {
        return new Step.Put(key, value, null);
    }

    private static Step read(String key, String value, long modRevision) {
        return new Step.Read(key, new Seen(value, modRevision));
    }

    private static Step readAbsent(String key) {
        return new Step.Read(key, Seen.ABSENT);
    }

    private List<String> violations() {
        return RevisionChecker.check(new History(operations, List.of()));
    }

    private void assertGood() {
        assertEquals(List.of(), violations());
    }

    private void assertViolation(String words) {
        assertTrue(
                violations().stream().anyMatch(text -> text.contains(words)), () -> violations() + " without " + words);
    }

    @Test
    void writesAndReadsInTheOrderOfRevisionsAreGood() {
        ok(0, 1, 2, put("x", "1"));
        ok(2, 3, 2, read("x", "1", 2), readAbsent("y"));
        ok(4, 5, 3, put("x", "2"), put("y", "3"));
        ok(6, 7, 3, read("x", "2", 3), read("y", "3", 3));

        assertGood();
    }

    @Test
    void twoWritesDoNotShareARevision() {
        ok(0, 1, 2, put("x", "1"));
        ok(0, 1, 2, put("y", "2"));

        assertViolation("two writes have revision 2");
    }

    @Test
    void aLaterRequestIsNotAnsweredWithAnEarlierRevision() {
        ok(0, 1, 2, put("x", "1"));
        ok(2, 3, 1, readAbsent("y"));

        assertViolation("revision 1 was answered after an answer with revision 2");
    }

    @Test
    void aLaterWriteHasALaterRevision() {
        ok(0, 1, 3, readAbsent("x"));
        ok(2, 3, 3, put("x", "1"));

        assertViolation("revision 3 was answered after an answer with revision 3");
    }

    @Test
    void halfOfAWriteOfTwoKeysIsNeverSeen() {
        ok(0, 1, 2, put("x", "1"), put("y", "2"));
        ok(0, 3, 2, read("x", "1", 2), readAbsent("y"));

        assertViolation("y was seen as absent, without the write of revision 2");
    }

    @Test
    void aViewIsThatOfItsRevisionEvenWhenTheReadOverlapsTheWrite() {
        ok(0, 9, 2, put("x", "1"));
        ok(0, 9, 3, put("y", "2"));
        ok(0, 9, 3, readAbsent("x"), read("y", "2", 3));

        assertViolation("x was seen as absent, without the write of revision 2");
    }

    @Test
    void aWriteThatWasAppliedTwiceIsCaught() {
        ok(0, 1, 2, put("x", "1"));
        ok(2, 3, 3, read("x", "1", 3));

        assertViolation("it was written twice");
    }

    @Test
    void anUnknownWriteCountsFromTheRevisionThatItWasSeenWith() {
        add(0, 1, Outcome.UNKNOWN, 0, put("x", "1"));
        ok(2, 3, 2, read("x", "1", 2));
        ok(4, 5, 2, readAbsent("x"));

        assertViolation("x was seen as absent, without the write of revision 2");
    }

    @Test
    void anUnknownDeleteMayExplainAnAbsentKey() {
        ok(0, 1, 2, put("x", "1"));
        add(2, 3, Outcome.UNKNOWN, 0, new Step.Delete("x", null));
        ok(4, 5, 3, readAbsent("x"));

        assertGood();
    }

    @Test
    void aDeleteOfAnAbsentKeyWritesNothing() {
        ok(0, 1, 1, new Step.Delete("x", Seen.ABSENT));
        ok(2, 3, 1, new Step.Delete("x", Seen.ABSENT));

        assertGood();
    }

    @Test
    void aWriteShowsWhatWasThereBeforeIt() {
        ok(0, 1, 2, put("x", "1"));
        ok(2, 3, 3, new Step.Put("x", "2", new Seen("1", 2)));
        ok(4, 5, 4, new Step.Delete("x", new Seen("1", 2)));

        assertViolation("without the write of revision 3");
    }

    @Test
    void aRefusedWriteThatIsSeenIsCaught() {
        add(0, 1, Outcome.FAIL, 0, put("x", "1"));
        ok(2, 3, 2, read("x", "1", 2));

        assertViolation("refused for good");
    }

    @Test
    void aValueOfNobodyIsCaught() {
        ok(2, 3, 2, read("x", "1", 2));

        assertViolation("written by nobody");
    }
}
