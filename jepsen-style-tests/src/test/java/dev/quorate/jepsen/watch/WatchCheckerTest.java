package dev.quorate.jepsen.watch;

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

/** Whatever can go wrong with a watch is found, and nothing else. */
@NullMarked
class WatchCheckerTest {

    private static final String A = "chaos/a";
    private static final String B = "chaos/b";

    private static Change put(long revision, String key, String value, long created, long version, Change before) {
        return new Change(revision, key, value, created, version, 0, before.after());
    }

    private static final Change NOTHING = new Change(0, "", null, 0, 0, 0, null);
    private static final Change A1 = put(2, A, "1", 2, 1, NOTHING);
    private static final Change A2 = put(3, A, "2", 2, 2, A1);
    private static final Change B1 = put(3, B, "3", 3, 1, NOTHING);
    private static final Change A_GONE = new Change(4, A, null, 0, 0, 0, A2.after());
    private static final Change A3 = put(6, A, "4", 6, 1, NOTHING);
    private static final List<Change> ALL = List.of(A1, A2, B1, A_GONE, A3);

    private static List<Sighting> seen(List<Change> changes) {
        return changes.stream()
                .map(change -> new Sighting(change, change.revision() * 1_000, "n1", (int) change.revision()))
                .toList();
    }

    private static List<Change> without(Change one) {
        List<Change> rest = new ArrayList<>(ALL);
        rest.remove(one);
        return rest;
    }

    private static void assertFound(String what, List<String> findings) {
        assertTrue(findings.stream().anyMatch(line -> line.contains(what)), () -> what + " in " + findings);
    }

    @Test
    void whatHasHappenedMakesSense() {
        assertEquals(List.of(), WatchChecker.checkChanges("n1", ALL));
    }

    @Test
    void aChangeThatIsMissingOrOutOfOrderMakesNoSense() {
        assertFound("was there before", WatchChecker.checkChanges("n1", without(A1)));
        assertFound("was there before", WatchChecker.checkChanges("n1", without(A_GONE)));
        assertFound("comes after revision 4", WatchChecker.checkChanges("n1", List.of(A1, A2, A_GONE, B1, A3)));
        assertFound("not the only change", WatchChecker.checkChanges("n1", List.of(A1, A1)));
    }

    @Test
    void aWrongVersionOrCreationMakesNoSense() {
        assertFound("must be version 2", WatchChecker.checkChanges("n1", List.of(A1, put(3, A, "2", 2, 3, A1))));
        assertFound("created at 2", WatchChecker.checkChanges("n1", List.of(A1, put(3, A, "2", 3, 2, A1))));
        Change deletion = new Change(2, A, null, 0, 0, 0, null);
        assertFound("deletes what is not there", WatchChecker.checkChanges("n1", List.of(deletion)));
    }

    @Test
    void aWatcherMayBeginLate() {
        assertEquals(List.of(), WatchChecker.checkWatcher("w", seen(ALL), ALL));
        assertEquals(List.of(), WatchChecker.checkWatcher("w", seen(List.of(A_GONE, A3)), ALL));
    }

    @Test
    void aLostEventIsFoundWhereverItWas() {
        for (Change lost : List.of(A2, A_GONE, A3)) {
            assertFound(
                    lost.equals(A3) ? "lacks 1 changes at its end" : "what has happened has",
                    WatchChecker.checkWatcher("w", seen(without(lost)), ALL));
        }
        assertFound("w saw nothing", WatchChecker.checkWatcher("w", List.of(), ALL));
    }

    @Test
    void halfARevisionAtTheBeginningIsFound() {
        assertFound("what has happened has", WatchChecker.checkWatcher("w", seen(List.of(B1, A_GONE, A3)), ALL));
    }

    @Test
    void anEventThatComesTwiceOrInDisorderOrIsInventedIsFound() {
        List<Change> twice = List.of(A1, A2, B1, B1, A_GONE, A3);
        List<Change> disorder = List.of(A1, B1, A2, A_GONE, A3);
        List<Change> invented = List.of(A1, A2, B1, A_GONE, A3, put(7, B, "9", 3, 2, B1));

        assertFound("what has happened has", WatchChecker.checkWatcher("w", seen(twice), ALL));
        assertFound("what has happened has", WatchChecker.checkWatcher("w", seen(disorder), ALL));
        assertFound("has 1 changes more", WatchChecker.checkWatcher("w", seen(invented), ALL));
    }

    @Test
    void aWrongPreviousValueIsFound() {
        Change wrong = new Change(4, A, null, 0, 0, 0, A1.after());

        assertFound("what has happened has", WatchChecker.checkWatcher("w", seen(List.of(A1, A2, B1, wrong, A3)), ALL));
    }

    @Test
    void aRevisionInTwoResponsesIsFound() {
        List<Sighting> split = new ArrayList<>(seen(ALL));
        split.set(2, new Sighting(B1, 3_000, "n2", 77));

        assertFound("saw revision 3 in parts", WatchChecker.checkWatcher("w", split, ALL));
    }

    @Test
    void membersThatTellDifferentThingsAreFound() {
        assertEquals(List.of(), WatchChecker.checkSame("n1", ALL, "n2", ALL));
        assertFound("n1 has", WatchChecker.checkSame("n1", ALL, "n2", without(A_GONE)));
        assertFound("n2 lacks", WatchChecker.checkSame("n1", ALL, "n2", without(A3)));
    }

    private static Operation done(long revision, Step... steps) {
        return new Operation(0, "n1", 0, 1, Outcome.OK, revision, List.of(steps), null);
    }

    private static History history(Operation... more) {
        List<Operation> operations = new ArrayList<>(List.of(
                done(2, new Step.Put(A, "1", null)),
                done(3, new Step.Put(A, "2", null), new Step.Put(B, "3", null)),
                done(4, new Step.Delete(A, new Seen("2", 3)))));
        operations.addAll(List.of(more));
        return new History(operations, List.of());
    }

    private static final Operation UNKNOWN =
            new Operation(1, "n1", 0, 1, Outcome.UNKNOWN, 0, List.of(new Step.Put(A, "4", null)), "timeout");

    @Test
    void everyWriteIsAskedForAndEveryAcknowledgedOneIsThere() {
        assertEquals(List.of(), WatchChecker.checkHistory(history(UNKNOWN), ALL));
    }

    @Test
    void aWriteThatNobodyAskedForIsFound() {
        Operation refused = new Operation(1, "n1", 0, 1, Outcome.FAIL, 0, List.of(new Step.Put(A, "4", null)), "no");

        assertFound("nobody wrote", WatchChecker.checkHistory(history(), ALL));
        assertFound("nobody wrote", WatchChecker.checkHistory(history(refused), ALL));
    }

    @Test
    void anAcknowledgedWriteThatIsLostOrElsewhereIsFound() {
        Operation lost = done(5, new Step.Put(A, "9", null));
        Operation elsewhere = done(5, new Step.Put(A, "4", null));

        assertFound("the write chaos/a=9", WatchChecker.checkHistory(history(UNKNOWN, lost), ALL));
        assertFound("the write chaos/a=4", WatchChecker.checkHistory(history(elsewhere), ALL));
    }

    @Test
    void aDeletionThatIsLostIsFound() {
        assertFound("the deletion of chaos/a", WatchChecker.checkHistory(history(UNKNOWN), without(A_GONE)));
    }
}
