package dev.quorate.raft.simulator.machine;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.runtime.StateMachine;
import dev.quorate.raft.simulator.invariant.InvariantViolation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * One state machine under test: what comes out of it as an exception is a violation, with what was asked of it. A runtime
 * would stop the node.
 */
final class Subject<M extends StateMachine<?>> {

    private final String who;
    private final M machine;

    Subject(String who, M machine) {
        this.who = who;
        this.machine = machine;
    }

    M machine() {
        return machine;
    }

    long appliedIndex() {
        try {
            return machine.appliedIndex();
        } catch (RuntimeException e) {
            throw failed("appliedIndex()", e);
        }
    }

    List<?> apply(List<Entry> entries) {
        String what =
                "apply(" + (entries.size() == 1 ? "" : entries.get(0) + " to ") + entries.get(entries.size() - 1) + ")";
        List<?> answers;
        try {
            answers = machine.apply(entries);
        } catch (RuntimeException e) {
            throw failed(what, e);
        }
        if (answers.size() != entries.size()) {
            throw new InvariantViolation(
                    "OneAnswerForEachEntry",
                    who + ": " + what + " gave " + answers.size() + " answers for " + entries.size() + " entries");
        }
        return answers;
    }

    void snapshot(Path directory) {
        try {
            machine.snapshot(directory);
        } catch (IOException | RuntimeException e) {
            throw failed("snapshot()", e);
        }
    }

    void restore(Path directory, long index) {
        try {
            machine.restore(directory, index);
        } catch (IOException | RuntimeException e) {
            throw failed("restore() of index " + index, e);
        }
    }

    void close() {
        try {
            machine.close();
        } catch (RuntimeException e) {
            throw failed("close()", e);
        }
    }

    private InvariantViolation failed(String what, Exception cause) {
        return new InvariantViolation("StateMachineDoesNotThrow", who + ": " + what + " threw " + cause, cause);
    }
}
