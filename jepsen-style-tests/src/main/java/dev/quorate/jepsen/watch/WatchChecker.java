package dev.quorate.jepsen.watch;

import dev.quorate.jepsen.history.History;
import dev.quorate.jepsen.history.Operation;
import dev.quorate.jepsen.history.Outcome;
import dev.quorate.jepsen.history.Step;
import dev.quorate.jepsen.workload.Workload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Compares what watchers saw with what has happened: the changes since the first revision, as a member tells them when all is over.
 * Each finding is a line for people; none is what is wanted.
 */
public final class WatchChecker {

    /** One wrong thing often makes thousands of lines. */
    private static final int MAX_LINES = 5;

    private final List<String> findings = new ArrayList<>();

    private WatchChecker() {}

    /** Whether the changes make sense: each says truly what was there before, and revisions and versions count. */
    public static List<String> checkChanges(String whose, List<Change> changes) {
        WatchChecker checker = new WatchChecker();
        Map<String, Change> last = new HashMap<>();
        Set<String> keysOfRevision = new HashSet<>();
        long revision = 0;
        for (Change change : changes) {
            if (change.revision() < revision) {
                checker.add(whose + ": " + change + " comes after revision " + revision);
            } else if (change.revision() > revision) {
                keysOfRevision.clear();
            }
            revision = change.revision();
            if (!keysOfRevision.add(change.key())) {
                checker.add(whose + ": " + change + " is not the only change of its key in its revision");
            }
            checker.checkAgainstBefore(whose, change, last.put(change.key(), change));
        }
        return checker.findings;
    }

    private void checkAgainstBefore(String whose, Change change, @Nullable Change last) {
        Change.Before before = last == null ? null : last.after();
        if (!Objects.equals(before, change.previous())) {
            add(whose + ": " + change + " says that " + change.previous() + " was there before, and it was " + before);
        }
        if (change.isDeletion()) {
            if (before == null) {
                add(whose + ": " + change + " deletes what is not there");
            }
            return;
        }
        long version = before == null ? 1 : before.version() + 1;
        long created = before == null ? change.revision() : before.createRevision();
        if (change.version() != version || change.createRevision() != created) {
            add(whose + ": " + change + " must be version " + version + ", created at " + created);
        }
    }

    /** Whether two members tell the same. */
    public static List<String> checkSame(String one, List<Change> ofOne, String other, List<Change> ofOther) {
        WatchChecker checker = new WatchChecker();
        checker.compare(one, ofOne, other, ofOther);
        return checker.findings;
    }

    /**
     * Whether a watcher saw every change from the first that it saw on, once, in order, and a revision's changes all in one response.
     *
     * @param changes what has happened
     */
    public static List<String> checkWatcher(String watcher, List<Sighting> sightings, List<Change> changes) {
        WatchChecker checker = new WatchChecker();
        if (sightings.isEmpty()) {
            checker.add(watcher + " saw nothing");
            return checker.findings;
        }
        long from = sightings.get(0).change().revision();
        checker.compare(
                "what has happened",
                changes.stream().filter(change -> change.revision() >= from).toList(),
                watcher,
                sightings.stream().map(Sighting::change).toList());
        Map<Long, Integer> responseOfRevision = new HashMap<>();
        for (Sighting sighting : sightings) {
            Integer first = responseOfRevision.putIfAbsent(sighting.change().revision(), sighting.response());
            if (first != null && first != sighting.response()) {
                checker.add(watcher + " saw revision " + sighting.change().revision() + " in parts, in its responses "
                        + first + " and " + sighting.response() + ", the second from " + sighting.node());
            }
        }
        return checker.findings;
    }

    private void compare(String one, List<Change> ofOne, String other, List<Change> ofOther) {
        for (int i = 0; i < Math.min(ofOne.size(), ofOther.size()); i++) {
            if (!ofOne.get(i).equals(ofOther.get(i))) {
                add(one + " has " + ofOne.get(i) + " where " + other + " has " + ofOther.get(i));
                return; // what follows is shifted
            }
        }
        if (ofOne.size() > ofOther.size()) {
            add(other + " lacks " + (ofOne.size() - ofOther.size()) + " changes at its end, the first "
                    + ofOne.get(ofOther.size()));
        } else if (ofOne.size() < ofOther.size()) {
            add(other + " has " + (ofOther.size() - ofOne.size()) + " changes more than " + one + ", the first "
                    + ofOther.get(ofOne.size()));
        }
    }

    /**
     * Whether every acknowledged write and deletion is among the changes, at the revision that was answered, and every value among
     * the requests that may have been carried out.
     *
     * @param changes those of other keys than the workload's are nobody's here
     */
    public static List<String> checkHistory(History history, List<Change> changes) {
        WatchChecker checker = new WatchChecker();
        Map<String, Change> writes = new HashMap<>();
        Set<String> deletions = new HashSet<>();
        for (Change change : changes) {
            if (change.isDeletion()) {
                deletions.add(change.key() + "@" + change.revision());
            } else if (change.key().startsWith(Workload.KEY_PREFIX)) {
                writes.put(change.key() + "=" + change.value(), change);
            }
        }
        Set<String> unasked = new TreeSet<>(writes.keySet());
        for (Operation operation : history.operations()) {
            for (Step step : operation.steps()) {
                String written = written(step);
                if (written != null && operation.outcome() != Outcome.FAIL) {
                    unasked.remove(written);
                }
                if (operation.outcome() == Outcome.OK) {
                    checker.checkAcknowledged(step, operation.revision(), written, writes, deletions);
                }
            }
        }
        unasked.forEach(value -> checker.add("nobody wrote " + writes.get(value) + ", or it was refused"));
        return checker.findings;
    }

    private void checkAcknowledged(
            Step step, long revision, @Nullable String written, Map<String, Change> writes, Set<String> deletions) {
        Change change = written == null ? null : writes.get(written);
        if (written != null && (change == null || change.revision() != revision)) {
            add("the write " + written + " was acknowledged at revision " + revision + ", and the change is " + change);
        }
        if (step instanceof Step.Delete delete
                && delete.seen() != null
                && delete.seen().value() != null
                && !deletions.contains(step.key() + "@" + revision)) {
            add("the deletion of " + step.key() + " was acknowledged at revision " + revision
                    + ", and no change shows it");
        }
    }

    /** The key and the value; null if the step wrote nothing. */
    private static @Nullable String written(Step step) {
        if (step instanceof Step.Put put) {
            return put.key() + "=" + put.value();
        }
        if (step instanceof Step.Cas cas && !Objects.equals(cas.applied(), false)) {
            return cas.key() + "=" + cas.value();
        }
        return null;
    }

    private void add(String finding) {
        if (findings.size() < MAX_LINES) {
            findings.add(finding);
        }
    }
}
