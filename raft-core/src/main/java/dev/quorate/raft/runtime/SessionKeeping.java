package dev.quorate.raft.runtime;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.session.SessionTable;
import java.util.List;
import java.util.function.Function;

/**
 * A state machine that keeps files, and keeps the sessions' records with them. Whether a command was applied and what it did
 * must become durable together: otherwise a command whose effect survived a crash is not known any more, and happens twice.
 *
 * <p>{@link #snapshot} writes the records with the rest of the state, {@link #restore} replaces them with it.
 *
 * @param <R> what applying a command answers
 */
public interface SessionKeeping<R> extends StateMachine<R> {

    /** All records that this state machine holds, in any order; none in a new one. After a start, and after each restore. */
    List<SessionTable.Change> sessionRecords();

    /**
     * As {@link #apply(List)}. Before the effects of the batch and its applied index are written, {@code changes} must be asked,
     * once, with the batch's results, and what it says written in the same atomic write: a record by its key, a null value
     * deletes it.
     */
    List<R> apply(List<Entry> entries, Function<List<R>, List<SessionTable.Change>> changes);

    /** Not called: a {@link SessionStateMachine} calls the other one. */
    @Override
    default List<R> apply(List<Entry> entries) {
        return apply(entries, results -> List.of());
    }
}
