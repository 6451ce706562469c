package dev.quorate.jepsen.selfcheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.jepsen.checker.HistoryChecker;
import dev.quorate.jepsen.checker.Verdict;
import dev.quorate.jepsen.history.History;
import dev.quorate.jepsen.history.Operation;
import dev.quorate.jepsen.history.Outcome;
import dev.quorate.jepsen.history.Seen;
import dev.quorate.jepsen.history.Step;
import dev.quorate.jepsen.workload.Workload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Takes good histories, breaks them as a broken store would, and expects to be told. */
@NullMarked
class BrokenHistoriesTest {

    private static History goodHistory(long seed) {
        return GeneratedHistory.of(
                new GeneratedHistory.Options(seed, 8, 4_000, 0.05, 0.02, new Workload.Options(4, 250)));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aGoodHistoryIsFoundGood(long seed) {
        Verdict verdict = HistoryChecker.check(goodHistory(seed));

        assertTrue(verdict.isGood(), verdict::describe);
        assertEquals("yes", verdict.linearizable());
    }

    /** Took longer than anybody waits before unknown calls were tried only where they are needed. */
    @Test
    void aThousandUnknownCallsOnLongLivedKeysAreDecided() {
        History history = GeneratedHistory.of(
                new GeneratedHistory.Options(1, 12, 15_000, 0.08, 0.01, new Workload.Options(2, 10_000)));

        Verdict verdict = assertTimeoutPreemptively(Duration.ofSeconds(30), () -> HistoryChecker.check(history));

        assertTrue(verdict.isGood(), verdict::describe);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aStaleReadIsCaughtByBothCheckers(long seed) {
        // given a read that shows what an earlier read of the key showed, although a put was acknowledged in between
        List<Operation> operations = byInvocation(goodHistory(seed));
        Operation old = last(operations, BrokenHistoriesTest::readsOneValue, operations.size() / 2);
        String key = old.steps().get(0).key();
        Operation put = first(operations, operation -> putsOne(operation, key), old.completeNanos());
        Operation fresh =
                first(operations, op -> readsOne(op) && op.steps().get(0).key().equals(key), put.completeNanos());
        operations.set(operations.indexOf(fresh), withSteps(fresh, old.steps()));

        // when
        Verdict verdict = HistoryChecker.check(new History(operations, List.of()));

        // then
        assertEquals("no", verdict.linearizable(), verdict::describe);
        assertFalse(verdict.revisionViolations().isEmpty(), verdict::describe);
        assertTrue(verdict.violations().get(0).lines().count() < 15, verdict::describe);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aLostWriteIsCaughtAndCounted(long seed) {
        // given a last read of a key which shows a value before the last one that was acknowledged
        List<Operation> operations = byInvocation(goodHistory(seed));
        Operation old = last(operations, BrokenHistoriesTest::readsOneValue, operations.size() / 2);
        String key = old.steps().get(0).key();
        Operation lastPut = operations.stream()
                .filter(operation -> putsOne(operation, key))
                .reduce((a, b) -> b)
                .orElseThrow();
        assertTrue(lastPut.invokeNanos() > old.completeNanos(), "the key lives long enough");
        long endNanos =
                operations.stream().mapToLong(Operation::completeNanos).max().orElseThrow() + 1;
        long endRevision =
                operations.stream().mapToLong(Operation::revision).max().orElseThrow();
        operations.add(new Operation(99_999, "sim", endNanos, endNanos, Outcome.OK, endRevision, old.steps(), null));

        // when
        Verdict verdict = HistoryChecker.check(new History(operations, List.of()));

        // then
        assertEquals("no", verdict.linearizable(), verdict::describe);
        assertTrue(verdict.lostWrites() > 0, verdict::describe);
        assertFalse(verdict.isGood());
    }

    @Test
    void aRefusedWriteThatIsSeenIsCaught() {
        List<Operation> operations = byInvocation(goodHistory(6));
        Operation put = first(
                operations,
                op -> op.outcome() == Outcome.OK
                        && op.steps().get(0) instanceof Step.Put put1
                        && isSeen(operations, put1.value()),
                0);
        operations.set(
                operations.indexOf(put),
                new Operation(
                        put.process(),
                        put.node(),
                        put.invokeNanos(),
                        put.completeNanos(),
                        Outcome.FAIL,
                        0,
                        put.steps(),
                        "refused"));

        Verdict verdict = HistoryChecker.check(new History(operations, List.of()));

        assertEquals("no", verdict.linearizable(), verdict::describe);
        assertTrue(
                verdict.revisionViolations().stream().anyMatch(text -> text.contains("refused for good")),
                verdict::describe);
    }

    private static boolean isSeen(List<Operation> operations, String value) {
        return operations.stream()
                .flatMap(operation -> operation.steps().stream())
                .map(Step::seen)
                .filter(Objects::nonNull)
                .map(Seen::value)
                .anyMatch(value::equals);
    }

    private static List<Operation> byInvocation(History history) {
        List<Operation> operations = new ArrayList<>(history.operations());
        operations.sort(Comparator.comparingLong(Operation::invokeNanos));
        return operations;
    }

    private static Operation first(List<Operation> operations, Predicate<Operation> wanted, long afterNanos) {
        return operations.stream()
                .filter(operation -> operation.invokeNanos() > afterNanos)
                .filter(wanted)
                .findFirst()
                .orElseThrow();
    }

    private static Operation last(List<Operation> operations, Predicate<Operation> wanted, int before) {
        return operations.subList(0, before).stream()
                .filter(wanted)
                .reduce((a, b) -> b)
                .orElseThrow();
    }

    private static boolean readsOne(Operation operation) {
        return operation.outcome() == Outcome.OK
                && operation.steps().size() == 1
                && operation.steps().get(0) instanceof Step.Read;
    }

    private static boolean readsOneValue(Operation operation) {
        Seen seen = operation.steps().get(0).seen();
        return readsOne(operation) && seen != null && seen.value() != null;
    }

    private static boolean putsOne(Operation operation, String key) {
        return operation.outcome() == Outcome.OK
                && operation.steps().size() == 1
                && operation.steps().get(0) instanceof Step.Put put
                && put.key().equals(key);
    }

    private static Operation withSteps(Operation operation, List<Step> steps) {
        return new Operation(
                operation.process(),
                operation.node(),
                operation.invokeNanos(),
                operation.completeNanos(),
                operation.outcome(),
                operation.revision(),
                steps,
                null);
    }
}
