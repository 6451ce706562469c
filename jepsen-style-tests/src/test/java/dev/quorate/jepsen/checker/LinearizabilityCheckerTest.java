package dev.quorate.jepsen.checker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.quorate.jepsen.checker.LinearizabilityChecker.Limits;
import dev.quorate.jepsen.checker.LinearizabilityChecker.Linearizable;
import dev.quorate.jepsen.checker.LinearizabilityChecker.NotLinearizable;
import dev.quorate.jepsen.checker.LinearizabilityChecker.Result;
import dev.quorate.jepsen.checker.LinearizabilityChecker.Undecided;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinearizabilityCheckerTest {

    private static Result check(Calls calls) {
        return new LinearizabilityChecker(Limits.DEFAULT).check(calls.list());
    }

    private static void assertLinearizable(Calls calls) {
        assertEquals(new Linearizable(), check(calls));
    }

    private static void assertNotLinearizable(Calls calls) {
        assertInstanceOf(NotLinearizable.class, check(calls));
    }

    @Test
    void anEmptyHistoryIsLinearizable() {
        assertLinearizable(new Calls());
    }

    /** Herlihy and Wing 1990, the register of section 1: a read that overlaps a write sees either value. */
    @Test
    void aReadThatOverlapsAWriteSeesTheOldValueOrTheNew() {
        assertLinearizable(new Calls().put(0, 1, "a").put(2, 5, "b").read(3, 4, "a"));
        assertLinearizable(new Calls().put(0, 1, "a").put(2, 5, "b").read(3, 4, "b"));
    }

    @Test
    void aReadThatOverlapsNothingSeesTheLastWrite() {
        assertLinearizable(new Calls().put(0, 1, "a").put(2, 3, "b").read(4, 5, "b"));
        assertNotLinearizable(new Calls().put(0, 1, "a").put(2, 3, "b").read(4, 5, "a"));
    }

    /** Lamport 1986, "new-old inversion": what tells an atomic register from a regular one. */
    @Test
    void theSecondOfTwoReadsDoesNotSeeAnOlderValue() {
        assertNotLinearizable(
                new Calls().put(0, 1, "a").put(2, 9, "b").read(3, 4, "b").read(5, 6, "a"));
        assertLinearizable(
                new Calls().put(0, 1, "a").put(2, 9, "b").read(3, 4, "a").read(5, 6, "b"));
    }

    @Test
    void overlappingWritesMayTakeEffectInEitherOrderButAllReadersAgreeOnIt() {
        assertLinearizable(new Calls().put(0, 5, "a").put(1, 4, "b").read(6, 7, "a"));
        assertLinearizable(new Calls().put(0, 5, "a").put(1, 4, "b").read(6, 7, "b"));
        assertNotLinearizable(
                new Calls().put(0, 5, "a").put(1, 4, "b").read(6, 7, "a").read(8, 9, "b"));
    }

    @Test
    void callsThatTouchInTheSameNanosecondCountAsOverlapping() {
        assertLinearizable(new Calls().put(0, 5, "a").read(5, 6, null));
        assertNotLinearizable(new Calls().put(0, 5, "a").read(6, 7, null));
    }

    @Test
    void onlyOneOfTwoCompareAndSetsFromTheSameValueApplies() {
        assertLinearizable(new Calls().put(0, 1, "a").cas(2, 5, "a", "b").refusedCas(2, 5, "a", "c", "b"));
        assertNotLinearizable(new Calls().put(0, 1, "a").cas(2, 5, "a", "b").cas(2, 5, "a", "c"));
    }

    @Test
    void compareAndSetsChainInTheOrderOfTheirValuesWhateverTheOrderOfTheirCalls() {
        assertLinearizable(new Calls()
                .cas(0, 9, "b", "c")
                .cas(0, 9, "a", "b")
                .cas(0, 9, null, "a")
                .read(10, 11, "c"));
        assertNotLinearizable(new Calls()
                .cas(0, 4, "b", "c")
                .cas(5, 9, "a", "b")
                .cas(0, 9, null, "a")
                .read(10, 11, "c"));
    }

    @Test
    void aCompareAndSetIsNotRefusedWhenItsExpectationHolds() {
        assertNotLinearizable(new Calls().put(0, 1, "a").blindlyRefusedCas(2, 3, "a", "b"));
        assertLinearizable(new Calls().put(0, 1, "a").blindlyRefusedCas(2, 3, "b", "c"));
    }

    @Test
    void aDeletedKeyIsAbsentUntilItIsWrittenAgain() {
        assertLinearizable(
                new Calls().put(0, 1, "a").delete(2, 3, "a").read(4, 5, null).cas(6, 7, null, "b"));
        assertNotLinearizable(new Calls().put(0, 1, "a").delete(2, 3, "a").read(4, 5, "a"));
        assertNotLinearizable(new Calls().put(0, 1, "a").delete(2, 3, null));
    }

    @Test
    void anUnknownWriteMayTakeEffectAnyTimeLaterOrNever() {
        Calls never = new Calls().put(0, 1, "a").unknownPut(2, "b").read(10, 11, "a");
        assertLinearizable(never);
        assertLinearizable(never.read(20, 21, "b"));
    }

    @Test
    void anUnknownWriteTakesEffectAtMostOnce() {
        assertNotLinearizable(new Calls()
                .unknownPut(0, "b")
                .read(1, 2, "b")
                .put(3, 4, "a")
                .read(5, 6, "a")
                .read(7, 8, "b"));
    }

    @Test
    void anUnknownWriteDoesNotTakeEffectBeforeItsInvocation() {
        assertNotLinearizable(new Calls().read(0, 1, "a").unknownPut(2, "a"));
    }

    @Test
    void anUnknownWriteThatNobodySawCanExplainABlindRefusal() {
        assertLinearizable(new Calls().put(0, 1, "a").unknownPut(2, "b").blindlyRefusedCas(3, 4, "a", "c"));
    }

    @Test
    void anUnknownCompareAndSetAppliesOnlyToTheValueItExpects() {
        assertLinearizable(new Calls().put(0, 1, "a").unknownCas(2, "a", "b").read(3, 4, "b"));
        assertNotLinearizable(new Calls().put(0, 1, "a").unknownCas(2, "z", "b").read(3, 4, "b"));
    }

    @Test
    void anUnknownDeleteExplainsOneDisappearanceOnly() {
        assertLinearizable(new Calls().put(0, 1, "a").unknownDelete(2).read(3, 4, null));
        assertNotLinearizable(new Calls()
                .put(0, 1, "a")
                .unknownDelete(2)
                .read(3, 4, null)
                .put(5, 6, "b")
                .read(7, 8, null));
    }

    @Test
    void aFailureNamesTheCallAndWhatTheKeyCanHaveHeld() {
        Result result = check(new Calls().put(0, 5, "a").put(0, 5, "b").read(6, 7, "c"));

        NotLinearizable failure = assertInstanceOf(NotLinearizable.class, result);
        assertEquals(6, failure.call().invokeNanos());
        assertEquals(List.of("a", "b"), failure.possibleValues());
    }

    @Test
    void hundredsOfUnknownWritesOnOneKeyAreDecidedAtOnce() {
        // given unknown writes of which every second one shows up sooner or later, in the reverse of their order
        Calls calls = new Calls();
        for (int i = 0; i < 400; i++) {
            calls.unknownPut(i, "u" + i);
        }
        for (int i = 399; i >= 0; i -= 2) {
            calls.read(10_000 - 10 * i, 10_005 - 10 * i, "u" + i);
        }

        // then
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> assertLinearizable(calls));
        assertTimeoutPreemptively(
                Duration.ofSeconds(20), () -> assertNotLinearizable(calls.read(20_000, 20_001, "u399")));
    }

    @Test
    void tooManyConfigurationsMeanUndecidedNotAWrongAnswer() {
        Calls calls = new Calls();
        for (int i = 0; i < 12; i++) {
            calls.put(0, 100, "v" + i);
        }
        LinearizabilityChecker impatient = new LinearizabilityChecker(new Limits(100, 1_000));

        assertInstanceOf(
                Undecided.class, impatient.check(calls.read(200, 201, "nowhere").list()));
    }

    @Test
    void moreCallsAtOnceThanTheSearchHasRoomForMeanUndecided() {
        Calls calls = new Calls();
        for (int i = 0; i < 65; i++) {
            calls.put(0, 100, "v" + i);
        }

        assertInstanceOf(Undecided.class, check(calls));
    }
}
