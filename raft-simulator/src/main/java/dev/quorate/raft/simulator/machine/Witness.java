package dev.quorate.raft.simulator.machine;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.runtime.StateMachine;
import dev.quorate.raft.simulator.invariant.InvariantViolation;
import dev.quorate.raft.simulator.world.Replica;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A state machine that never crashes, never sees a snapshot, and applies every committed entry once, one by one, when the
 * first member applies it. What it answers and what it holds is what every member must answer and hold.
 */
final class Witness<M extends StateMachine<?>> {

    private final Subject<M> subject;
    private final Views<M> views;
    /** By index, from 0: before the first entry. */
    private final List<SnapshotMeta> positions = new ArrayList<>();

    private final List<@Nullable Object> answers = new ArrayList<>();
    /** Null where states are not compared. */
    private final List<@Nullable Object> states = new ArrayList<>();

    Witness(Subject<M> subject, Views<M> views, SnapshotMeta start) {
        this.subject = subject;
        this.views = views;
        positions.add(start);
        answers.add(null);
        states.add(null);
    }

    /** How many entries it has applied. */
    long lastIndex() {
        return positions.size() - 1L;
    }

    SnapshotMeta position(long index) {
        return positions.get((int) index);
    }

    /** Entries that a member is about to apply. */
    void learn(List<Entry> entries) {
        for (Entry entry : entries) {
            if (entry.index() == positions.size()) {
                positions.add(Replica.after(positions.get(positions.size() - 1), entry));
                answers.add(subject.apply(List.of(entry)).get(0));
                states.add(views.isDue(entry.index()) ? views.of(subject) : null);
            }
        }
    }

    void checkAnswers(String who, List<Entry> entries, List<?> given) {
        for (int i = 0; i < given.size(); i++) {
            Entry entry = entries.get(i);
            Object expected = answers.get((int) entry.index());
            if (!Objects.deepEquals(given.get(i), expected)) {
                throw new InvariantViolation(
                        "ReplicasAnswerAlike",
                        who + ": answers " + entry + " with " + Views.text(given.get(i))
                                + ", but a state machine that applied every entry, one by one, answers "
                                + Views.text(expected));
            }
        }
    }

    /** @param how the state came about, for the message */
    void checkState(String who, Subject<M> other, long index, String how) {
        Object expected = states.get((int) index);
        if (expected != null) {
            check(who, views.of(other), expected, index, how);
        }
    }

    /** A state that was restored from files must write the same files again. */
    void checkRestored(String who, Subject<M> other, Object files, long index) {
        Object state = views.of(other);
        if (!state.equals(files)) {
            throw new InvariantViolation(
                    "ReplicasAgree",
                    who + ": the state that restore() made from the snapshot of index " + index
                            + " writes another snapshot, " + Views.text(state) + ", than the one it was made from, "
                            + Views.text(files));
        }
    }

    /** For when all members are at the same index: whatever the index, they are compared. */
    void checkStateNow(String who, Subject<M> other) {
        check(who, views.of(other), views.of(subject), lastIndex(), "when all has settled");
    }

    private static void check(String who, Object state, Object expected, long index, String how) {
        if (!Objects.deepEquals(state, expected)) {
            throw new InvariantViolation(
                    "ReplicasAgree",
                    who + ": after index " + index + ", " + how + ", its state is " + Views.text(state)
                            + ", but a state machine that applied every entry, one by one, has "
                            + Views.text(expected));
        }
    }
}
