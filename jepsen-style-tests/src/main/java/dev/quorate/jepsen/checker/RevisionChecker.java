package dev.quorate.jepsen.checker;

import dev.quorate.jepsen.history.History;
import dev.quorate.jepsen.history.Operation;
import dev.quorate.jepsen.history.Outcome;
import dev.quorate.jepsen.history.Seen;
import dev.quorate.jepsen.history.Step;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;

/**
 * Holds the store to its own revisions: they claim an order of everything that ever happened to all keys, so no search is
 * needed, only a look whether that order explains what the clients saw. It does if
 * <ol>
 *   <li>each write has a revision of its own, and a value has the same one wherever it is seen (a write that was applied
 *       twice has two);
 *   <li>the order of revisions is that of real time: what was invoked after an answer with revision r sees r or later, and
 *       writes later;
 *   <li>who looks at revision r sees of each key what the last write up to r left there. Reads of several keys, and writes
 *       of several keys, are held to it as one: this is strict serializability, which no look at single keys can show;
 *   <li>no value is seen that nobody wrote, or whose write was refused for good.
 * </ol>
 */
public final class RevisionChecker {

    /** A broken store breaks often; a person reads the first few. */
    private static final int MAX_VIOLATIONS = 20;

    /** What a key holds from some revision on. {@code value} "" is a deleted key: values of a run are never empty. */
    private record Version(String value, Operation source) {}

    private static final String DELETED = "";

    private final List<String> violations = new ArrayList<>();
    private final Map<String, TreeMap<Long, Version>> versions = new HashMap<>();
    private final Map<String, Long> revisionOfValue = new HashMap<>();
    private final Map<Long, Operation> writerAt = new HashMap<>();
    private final Set<String> keysWithUnknownDelete = new HashSet<>();
    private final Map<String, Operation> writerOfValue = new HashMap<>();

    private RevisionChecker() {}

    /** What is wrong, in words; empty if nothing is. At most {@value #MAX_VIOLATIONS}. */
    public static List<String> check(History history) {
        RevisionChecker checker = new RevisionChecker();
        checker.collectWrites(history.operations());
        checker.collectSightings(history.operations());
        checker.checkRealTime(history.operations());
        checker.checkViews(history.operations());
        return checker.violations;
    }

    private void report(String what, Operation... operations) {
        if (violations.size() < MAX_VIOLATIONS) {
            StringBuilder text = new StringBuilder(what);
            for (Operation operation : operations) {
                text.append("\n      ").append(OperationText.of(operation));
            }
            violations.add(text.toString());
        }
    }

    private void collectWrites(List<Operation> operations) {
        for (Operation operation : operations) {
            for (Step step : operation.steps()) {
                if (step instanceof Step.Put || step instanceof Step.Cas) {
                    writerOfValue.put(writtenBy(step), operation);
                } else if (step instanceof Step.Delete && operation.outcome() == Outcome.UNKNOWN) {
                    keysWithUnknownDelete.add(step.key());
                }
            }
            if (operation.outcome() == Outcome.OK && changedTheStore(operation)) {
                Operation other = writerAt.put(operation.revision(), operation);
                if (other != null) {
                    report("two writes have revision " + operation.revision(), other, operation);
                }
                for (Step step : operation.steps()) {
                    if (changedItsKey(step)) {
                        recordVersion(step.key(), operation.revision(), writtenBy(step), operation);
                    }
                }
            }
        }
    }

    /** An unknown write that was seen did happen, and at which revision says who saw it. */
    private void collectSightings(List<Operation> operations) {
        for (Operation operation : operations) {
            for (Step step : operation.steps()) {
                Seen seen = operation.outcome() == Outcome.OK ? step.seen() : null;
                if (seen != null && seen.value() != null) {
                    Operation writer = writerOfValue.get(seen.value());
                    if (writer == null) {
                        report("the value " + seen + " of " + step.key() + " was written by nobody", operation);
                    } else if (writer.outcome() == Outcome.FAIL) {
                        report("a write that was refused for good was seen all the same", writer, operation);
                    } else {
                        recordVersion(step.key(), seen.modRevision(), seen.value(), writer);
                    }
                }
            }
        }
    }

    private void recordVersion(String key, long revision, String value, Operation source) {
        if (!value.equals(DELETED)) {
            Long known = revisionOfValue.put(value, revision);
            if (known != null && known != revision) {
                report(
                        "the value " + value + " of " + key + " has revision " + known + " and revision " + revision
                                + ": it was written twice",
                        source);
            }
        }
        Version other = versions.computeIfAbsent(key, k -> new TreeMap<>()).put(revision, new Version(value, source));
        if (other != null && !other.value().equals(value)) {
            report("revision " + revision + " of " + key + " has two values", other.source(), source);
        }
    }

    private void checkRealTime(List<Operation> operations) {
        List<Operation> byInvocation = new ArrayList<>(operations);
        byInvocation.sort(Comparator.comparingLong(Operation::invokeNanos));
        PriorityQueue<Operation> running = new PriorityQueue<>(Comparator.comparingLong(Operation::completeNanos));
        Operation newest = null;
        for (Operation operation : byInvocation) {
            if (operation.outcome() != Outcome.OK) {
                continue;
            }
            while (!running.isEmpty() && running.element().completeNanos() < operation.invokeNanos()) {
                Operation completed = running.remove();
                if (newest == null || completed.revision() > newest.revision()) {
                    newest = completed;
                }
            }
            long atLeast = newest == null ? 1 : newest.revision() + (changedTheStore(operation) ? 1 : 0);
            if (operation.revision() < atLeast && newest != null) {
                report(
                        "revision " + operation.revision() + " was answered after an answer with revision "
                                + newest.revision(),
                        newest,
                        operation);
            }
            running.add(operation);
        }
    }

    private void checkViews(List<Operation> operations) {
        for (Operation operation : operations) {
            if (operation.outcome() == Outcome.OK) {
                // A write shows what was there before it.
                long at = operation.revision() - (changedTheStore(operation) ? 1 : 0);
                for (Step step : operation.steps()) {
                    if (step.seen() != null) {
                        checkView(operation, step, step.seen(), at);
                    }
                }
            }
        }
    }

    private void checkView(Operation operation, Step step, Seen seen, long at) {
        if (seen.modRevision() > at) {
            report(
                    "at revision " + at + " " + step.key() + " was seen with the later revision " + seen.modRevision(),
                    operation);
            return;
        }
        Map.Entry<Long, Version> last =
                versions.getOrDefault(step.key(), new TreeMap<>()).floorEntry(at);
        if (last == null || last.getKey() == seen.modRevision()) {
            return;
        }
        boolean lastIsDelete = last.getValue().value().equals(DELETED);
        boolean explained = seen.value() == null && (lastIsDelete || keysWithUnknownDelete.contains(step.key()));
        if (!explained) {
            report(
                    "at revision " + at + " " + step.key() + " was seen as " + seen + ", without the write of revision "
                            + last.getKey()
                            + (lastIsDelete
                                    ? " (a delete)"
                                    : " (" + last.getValue().value() + ")"),
                    last.getValue().source(),
                    operation);
        }
    }

    private static String writtenBy(Step step) {
        if (step instanceof Step.Put put) {
            return put.value();
        }
        return step instanceof Step.Cas cas ? cas.value() : DELETED;
    }

    /** Only for answered operations. */
    static boolean changedTheStore(Operation operation) {
        return operation.steps().stream().anyMatch(RevisionChecker::changedItsKey);
    }

    private static boolean changedItsKey(Step step) {
        if (step instanceof Step.Delete delete) {
            return !Objects.equals(delete.seen(), Seen.ABSENT);
        }
        return step instanceof Step.Put || (step instanceof Step.Cas cas && Objects.equals(cas.applied(), true));
    }
}
